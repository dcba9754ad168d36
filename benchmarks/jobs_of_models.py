"""The deployed functions told of models that answer later: with lowered boundaries small documents go to them, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.deployed_settings import settings_of
from cli.stack import Stack
from devstack import hosting

ROUTER = "ChunkDocumentFunction"
FUNCTIONS = (ROUTER, "RequestVectorsFunction", "AdvanceInferenceFunction")
# The same model as behind Bedrock's name: what containers offer besides is asynchronous endpoints and batch transform.
JOBS = {
    "EMBEDDING_PROVIDER": "sagemaker",
    "EMBEDDING_FORMAT": "tei",
    "EMBEDDING_ASYNC_ENDPOINT": hosting.ASYNC_ENDPOINT,
    "EMBEDDING_TRANSFORM_MODEL": hosting.MODEL,
    "TRANSFORM_INSTANCE_TYPE": "ml.m5.xlarge",
}


@contextmanager
def routed(stack: Stack, gather_seconds: int, **boundaries: str) -> Iterator[None]:
    """For a while. `hosting.host_embeddings` has made the endpoint and the model.

    Args:
        stack: Whose functions.
        gather_seconds: How long a batch job waits for other documents.
        boundaries: Variables of the function that chooses a route.
    """
    with ExitStack() as stacked:
        for function in FUNCTIONS:
            known = JOBS | {"BATCH_GATHER_SECONDS": str(gather_seconds)} | (boundaries if function == ROUTER else {})
            stacked.enter_context(settings_of(stack, function, **known))
        yield


def look_at_jobs(stack: Stack) -> None:
    """What the schedule does every minute."""
    found = stack.client("cloudformation").describe_stack_resource(
        StackName=stack.name, LogicalResourceId="InferenceQueue"
    )
    queue = found["StackResourceDetail"]["PhysicalResourceId"]
    stack.client("sqs").send_message(QueueUrl=queue, MessageBody="{}")
