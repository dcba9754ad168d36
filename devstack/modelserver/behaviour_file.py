"""How the services behave from the start on, out of a file."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from devstack.modelserver.batch_inference.behaviour import BedrockBehaviour
from devstack.modelserver.hosting.behaviour import HostingBehaviour
from devstack.modelserver.textract_control import TextractBehaviour


class Behaviours(BaseModel):
    """One behaviour a service, each as PUT /_control/<service> takes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    textract: TextractBehaviour = TextractBehaviour()
    sagemaker: HostingBehaviour = HostingBehaviour()
    bedrock: BedrockBehaviour = BedrockBehaviour()


def read_behaviours(file: Path | None) -> Behaviours:
    """What the file says; nothing special without one.

    Raises:
        ValueError: it says something that there is not.
    """
    return Behaviours() if file is None else Behaviours.model_validate_json(file.read_bytes())
