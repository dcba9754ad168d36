"""`make demo`: start, deploy, drop documents, ask, and print cited answers."""
