"""The one-machine cloud: an AWS emulator, a real OpenSearch node and a server that speaks the model services' protocols."""
