"""The `docqa` command: upload, watch and ask, against AWS or the one-machine cloud."""
