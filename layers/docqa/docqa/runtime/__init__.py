"""What every handler shares: logging, steps, HTTP problems, queue batches."""
