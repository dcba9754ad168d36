"""What SageMaker refuses of models and endpoint configurations, and what is not offered here."""

from __future__ import annotations

from typing import Any

from devstack.modelserver.arns import bucket_and_key
from devstack.modelserver.hosting.errors import invalid

SERVERLESS_MEMORY_MB = range(1024, 6145, 1024)


def check_model(request: dict[str, Any]) -> None:
    """Refuse a model that cannot be.

    Raises:
        AwsError: with the reason.
    """
    container = request.get("PrimaryContainer") or {}
    if not container.get("Image"):
        raise invalid("A model needs PrimaryContainer.Image; several containers and packages are not offered here.")
    data = container.get("ModelDataUrl", "")
    if container.get("Mode") == "MultiModel" and not (bucket_and_key(data) and data.endswith("/")):
        raise invalid("ModelDataUrl of a container in mode MultiModel must be an S3 prefix that ends with a slash.")


def check_config(request: dict[str, Any], model: dict[str, Any] | None = None) -> dict[str, Any]:
    """Refuse an endpoint configuration that cannot be; its one variant.

    Args:
        request: of CreateEndpointConfig.
        model: the variant's, when it is known.

    Raises:
        AwsError: with the reason.
    """
    variants = request.get("ProductionVariants") or []
    if len(variants) != 1 or not variants[0].get("ModelName"):
        raise invalid("An endpoint configuration has exactly one production variant with a model here.")
    variant: dict[str, Any] = variants[0]
    serverless = variant.get("ServerlessConfig")
    if serverless is None and not variant.get("InstanceType"):
        raise invalid("A production variant needs an InstanceType or a ServerlessConfig.")
    if serverless is None and "InitialInstanceCount" not in variant:
        raise invalid("A production variant on instances needs an InitialInstanceCount.")
    if serverless is not None:
        _check_serverless(serverless, "AsyncInferenceConfig" in request, model)
    if "AsyncInferenceConfig" in request:
        _check_asynchronous(request["AsyncInferenceConfig"].get("OutputConfig") or {})
    return variant


def _check_serverless(serverless: dict[str, Any], asynchronous: bool, model: dict[str, Any] | None) -> None:
    if serverless["MemorySizeInMB"] not in SERVERLESS_MEMORY_MB:
        raise invalid(f"MemorySizeInMB must be one of {', '.join(map(str, SERVERLESS_MEMORY_MB))}.")
    if asynchronous:
        raise invalid("Asynchronous inference is not supported for serverless endpoints.")
    if model is not None and model["PrimaryContainer"].get("Mode") == "MultiModel":
        raise invalid("Multi-model endpoints are not supported for serverless endpoints.")


def _check_asynchronous(output: dict[str, Any]) -> None:
    for name in ("S3OutputPath", "S3FailurePath"):
        if name in output and bucket_and_key(output[name]) is None:
            raise invalid(f"{name} must be an S3 address.")
    if "S3OutputPath" not in output:
        raise invalid("AsyncInferenceConfig needs OutputConfig.S3OutputPath here.")
    if (output.get("NotificationConfig") or {}).get("IncludeInferenceResponseIn"):
        raise invalid("IncludeInferenceResponseIn is not offered by the local model server.")
