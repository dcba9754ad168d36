"""`make bench-ingest`: how fast, how large, how costly and how safe ingestion is, on the running one-machine cloud."""
