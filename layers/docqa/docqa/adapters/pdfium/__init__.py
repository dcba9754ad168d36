"""What PDFium tells about a page: its text, what is drawn on it, and which of its text a reader can see."""
