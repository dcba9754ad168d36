"""What SageMaker refuses of a transform job, and what is not offered here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from devstack.modelserver.hosting.errors import invalid
from devstack.modelserver.hosting.resources import NAME
from devstack.modelserver.hosting.transform_input import MAX_PAYLOAD_MB, MULTI_RECORD

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
PAYLOADS_AT_ONCE_MB = 100
OFFERED = {
    "S3DataType": ("S3Prefix", "ManifestFile"),
    "SplitType": ("None", "Line"),
    "CompressionType": ("None", "Gzip"),
    "AssembleWith": ("None", "Line"),
    "BatchStrategy": ("SingleRecord", MULTI_RECORD),
}


def check(request: dict[str, Any]) -> None:
    """Refuse a job that cannot be.

    Raises:
        AwsError: with the reason.
    """
    if not NAME.fullmatch(str(request.get("TransformJobName"))):
        raise invalid(f"Value at 'transformJobName' failed to satisfy constraint: {NAME.pattern}")
    for name, given in _choices(request):
        if given not in OFFERED[name]:
            raise invalid(f"{name} {given} is not offered by the local model server, only {', '.join(OFFERED[name])}.")
    for name in ("DataProcessing", "DataCaptureConfig"):
        if name in request:
            raise invalid(f"{name} is not offered by the local model server.")
    if request.get("BatchStrategy") == MULTI_RECORD and request["TransformInput"].get("SplitType", "None") == "None":
        raise invalid("To enable the batch strategy, SplitType must be set to Line.")
    together = request.get("MaxPayloadInMB", MAX_PAYLOAD_MB) * max(1, request.get("MaxConcurrentTransforms", 1))
    if not 0 < together <= PAYLOADS_AT_ONCE_MB:
        raise invalid(f"MaxConcurrentTransforms * MaxPayloadInMB must be 1 to {PAYLOADS_AT_ONCE_MB}, not {together}.")


def _choices(request: dict[str, Any]) -> Iterator[tuple[str, str]]:
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    for part in (request, request["TransformInput"], request["TransformOutput"], source):
        yield from ((name, part[name]) for name in OFFERED if name in part)
