"""One file for each outside system; each translates errors into docqa's and holds no policy."""
