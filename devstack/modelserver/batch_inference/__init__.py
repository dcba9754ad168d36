"""Bedrock's batch inference, answered by the code that answers its real-time calls."""
