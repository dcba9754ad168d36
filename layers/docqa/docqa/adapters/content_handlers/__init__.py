"""How each model wants what it is asked and gives what it answers: the one place for the shapes of bodies.

Real-time adapters, asynchronous endpoints and batch jobs all use them, so that every route asks for the same.
"""
