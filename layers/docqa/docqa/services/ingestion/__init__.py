"""From a file to passages that can be found: one module a step, in the order of the state machine.

inspection, page_reading, extraction (prepare, start, resume, collect), chunking, embedding, indexing, publication.

Every step can be killed and run again: what it writes is named by what it is made of, and written whole.
"""
