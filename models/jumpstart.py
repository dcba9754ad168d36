"""Make a model package of a JumpStart model's id, for the hosting stack's container `package`.

CloudFormation knows no JumpStart ids. It does know model packages, and a package holds all that JumpStart says about
its model: image, artefact, environment, and that the licence was accepted. So:

    python -m models.jumpstart meta-textgeneration-llama-3-1-8b-instruct --region eu-west-1 --accept-licence

prints the parameters for `sam deploy`. Run again it makes a further version of the package.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

HUB = "SageMakerPublicHub"
# Where a second model lies that speculative decoding needs; the package would have to bring it along.
ADDITIONAL_DATA = "/opt/ml/additional-model-data-sources"


class JumpStartError(Exception):
    """The model cannot be hosted like this; the message says why, and what to do."""


@dataclass(frozen=True)
class Parameters:
    """What the hosting stack needs to know."""

    model_package: str
    instance_type: str


def make_package(
    client: Any, model_id: str, *, version: str | None = None, instance_type: str | None = None, accept: bool = False
) -> Parameters:
    """Look the model up in JumpStart's public hub and keep it as a model package.

    Args:
        client: boto3's `sagemaker`.
        model_id: JumpStart's.
        version: JumpStart's; None takes the latest.
        instance_type: None takes the one that JumpStart proposes.
        accept: The licence was read and is accepted.

    Raises:
        JumpStartError: it needs what a package cannot hold, or its licence is not accepted.
    """
    asked = {"HubName": HUB, "HubContentType": "Model", "HubContentName": model_id}
    found = client.describe_hub_content(**asked, **({"HubContentVersion": version} if version else {}))
    document = json.loads(found["HubContentDocument"])
    chosen = instance_type or document["DefaultInferenceInstanceType"]
    offered = document.get("SupportedInferenceInstanceTypes", [chosen])
    if chosen not in offered:
        raise JumpStartError(f"{model_id} runs on {', '.join(offered)}, not on {chosen}.")
    if package := document.get("HostingModelPackageArn"):
        return Parameters(package, chosen)  # of the AWS Marketplace, once it is subscribed to
    container = container_of(document, chosen, accept=accept)
    group = f"docqa-{model_id}"[:63].rstrip("-")
    _make_group(client, group)
    made = client.create_model_package(
        ModelPackageGroupName=group,
        ModelPackageDescription=f"JumpStart model {model_id} {found['HubContentVersion']} for {chosen}",
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
            "SupportedRealtimeInferenceInstanceTypes": [chosen],
        },
        ModelApprovalStatus="Approved",
    )
    return Parameters(made["ModelPackageArn"], chosen)


def container_of(document: Mapping[str, Any], instance_type: str, *, accept: bool) -> dict[str, Any]:
    """What the hub says about hosting a model on this instance type, as a package's container.

    Raises:
        JumpStartError: it needs what a package cannot hold, or its licence is not accepted.
    """
    if document.get("HostingUseScriptUri"):
        raise JumpStartError(
            "This model keeps its inference script apart from its artefact: choose a later version of it."
        )
    if document.get("GatedBucket") and not accept:
        raise JumpStartError(f"Read its licence, {document.get('HostingEulaUri')}, and say --accept-licence.")
    variants = document.get("HostingInstanceTypeVariants") or {}
    environment = dict(_environment(document, variants, instance_type))
    if any(value.startswith(ADDITIONAL_DATA) for value in environment.values()):
        raise JumpStartError("This model is set up with a second one for speculative decoding: choose another version.")
    artefact = document.get("HostingPrepackedArtifactUri") or document["HostingArtifactUri"]
    source = {
        "S3Uri": artefact,
        "S3DataType": document.get("HostingArtifactS3DataType", "S3Object"),
        "CompressionType": document.get("HostingArtifactCompressionType", "Gzip"),
    }
    if document.get("GatedBucket"):
        source["ModelAccessConfig"] = {"AcceptEula": True}
    image = _image(document, variants, instance_type)
    return {"Image": image, "ModelDataSource": {"S3DataSource": source}, "Environment": environment}


def _image(document: Mapping[str, Any], variants: Mapping[str, Any], instance_type: str) -> str:
    """Of the instance type, else of its family, else the usual one."""
    for properties in reversed(list(_properties(variants, instance_type))):
        if image := properties.get("ImageUri"):
            return str(variants["Aliases"][image[1:]] if image.startswith("$") else image)
    if image := document.get("HostingEcrUri"):
        return str(image)
    raise JumpStartError(f"JumpStart names no image for {instance_type}: choose another instance type.")


def _environment(
    document: Mapping[str, Any], variants: Mapping[str, Any], instance_type: str
) -> Iterator[tuple[str, str]]:
    for variable in document.get("InferenceEnvironmentVariables", []):
        if variable.get("RequiredForModelClass"):
            yield variable["Name"], str(variable["Default"])
    for properties in _properties(variants, instance_type):
        yield from properties.get("EnvironmentVariables", {}).items()


def _properties(variants: Mapping[str, Any], instance_type: str) -> Iterator[Mapping[str, Any]]:
    """What holds for the family of instances, then what holds for the type."""
    family = instance_type.removeprefix("ml.").split(".")[0]
    for name in (family, instance_type):
        yield variants.get("Variants", {}).get(name, {}).get("Properties", {})


def _make_group(client: Any, group: str) -> None:
    try:
        client.describe_model_package_group(ModelPackageGroupName=group)
    except client.exceptions.ClientError as error:
        if "does not exist" not in str(error):
            raise
        client.create_model_package_group(ModelPackageGroupName=group)


def main() -> int:
    """Print the parameters; 1 and a sentence when it cannot be done."""
    import boto3

    parser = argparse.ArgumentParser(prog="python -m models.jumpstart", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model_id")
    parser.add_argument("--task", choices=["embedding", "chat"], default="chat")
    parser.add_argument("--version", help="of the model in JumpStart; without it, the latest")
    parser.add_argument("--instance-type", help="without it, the one that JumpStart proposes")
    parser.add_argument("--region")
    parser.add_argument("--accept-licence", action="store_true", help="you have read the model's licence and accept it")
    asked = parser.parse_args()
    client = boto3.client("sagemaker", region_name=asked.region)
    try:
        found = make_package(
            client,
            asked.model_id,
            version=asked.version,
            instance_type=asked.instance_type,
            accept=asked.accept_licence,
        )
    except JumpStartError as error:
        print(error, file=sys.stderr)
        return 1
    task = asked.task.capitalize()
    print(f"{task}Container=package {task}ModelPackage={found.model_package} {task}InstanceType={found.instance_type}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
