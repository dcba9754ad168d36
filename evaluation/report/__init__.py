"""A run for people: a table on the terminal, plots, and a page on which every miss can be looked into."""
