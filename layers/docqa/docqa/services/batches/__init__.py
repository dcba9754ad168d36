"""Batches of questions: taken in, shared out, answered part by part, and put together again in their order."""
