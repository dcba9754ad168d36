"""Questions that take several steps: an agent looks things up, and every claim of its answer is verified."""
