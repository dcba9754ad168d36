"""The one-machine cloud: an AWS emulator, a real OpenSearch node, and a server with the model services' protocols."""
