"""Heavy loads: calls saved by batching, where each route is the cheapest, admission, throttles, and what binds first."""
