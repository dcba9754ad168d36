"""Pure functions: no clock, no network, no client."""
