"""One module a format of documents; `catalogue` says which media type is read by which."""
