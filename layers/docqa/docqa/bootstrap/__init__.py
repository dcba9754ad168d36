"""The only place that chooses adapters.

Each module imports them inside cached factories, so that a function pays only for what it uses.
"""
