"""Heavy loads: calls saved by batching, the cheapest route for each, admission, throttles, and what binds first."""
