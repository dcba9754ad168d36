"""The use cases: what docqa does, told in terms of its ports."""
