"""What is measured: one module a kind of measure, each a function of one outcome; `summary` puts them together."""
