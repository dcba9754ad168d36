"""SageMaker: endpoints in every mode and batch transform, with the local models in the containers."""
