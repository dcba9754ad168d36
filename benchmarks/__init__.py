"""Measurements of the running one-machine cloud. Every figure in the README comes from here or from build/demo.json."""
