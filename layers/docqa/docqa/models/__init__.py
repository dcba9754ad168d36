"""What docqa talks about: documents, pages, chunks, questions, answers, and who is asking."""
