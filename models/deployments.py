"""Ways of deploying the hosting stack: each mode alone, and everything together. Tests and gates work them out.

`python -m models.deployments FOLDER` writes each as a template without parameters, for the linters.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from tools.on_paper import PlainStack

TEMPLATE = Path(__file__).with_name("template.yaml")
# Nobody's: they only have to look like it.
DATA = "s3://docqa-models-example/{}.tar.gz"
SHARED = {"WorkBucketName": "docqa-work-example"}
MODELS = {"EmbeddingModelData": DATA.format("embedding"), "ChatModelData": DATA.format("chat")}
KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:docqa-alarms"
PACKAGE = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/docqa-some-model/1"
MULTIMODEL = {"MultiModel": "true", "MultiModelData": "s3://docqa-models-example/shared/"}


def every() -> dict[str, dict[str, str]]:
    """Parameters by the name of the way."""
    found: dict[str, dict[str, str]] = {}
    for task in ("Embedding", "Chat"):
        for mode in ("Realtime", "Serverless", "Asynchronous", "Transform"):
            found[f"{task}-{mode}".lower()] = alone(task, mode)
    return found | {
        "multimodel": dict(MULTIMODEL),
        "hub": {"EmbeddingRealtime": "true", "EmbeddingHubModel": "BAAI/bge-small-en-v1.5"},
        "package": {"ChatRealtime": "true", "ChatContainer": "package", "ChatModelPackage": PACKAGE},
        "everything": everything(),
    }


def alone(task: str, mode: str) -> dict[str, str]:
    """One mode of one task."""
    # LMI, the chat model's default, has no serverless mode.
    container = {"ChatContainer": "huggingface"} if (task, mode) == ("Chat", "Serverless") else {}
    return {**SHARED, f"{task}ModelData": MODELS[f"{task}ModelData"], f"{task}{mode}": "true"} | container


def everything() -> dict[str, str]:
    """Every mode of both tasks together, with a key, alarms, captured calls and images of one's own."""
    modes = {
        f"{task}{mode}": "true"
        for task in ("Embedding", "Chat")
        for mode in ("Realtime", "Serverless", "Asynchronous", "Transform")
    }
    own = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/{}:1.0"
    images = {f"{name}Image": own.format(name.lower()) for name in ("Embedding", "Chat", "MultiModel")}
    options = {
        "KmsKeyArn": KEY,
        "AlarmTopicArn": TOPIC,
        "CapturePercentage": "5",
        "EmbeddingServerlessProvisioned": "1",
    }
    return {**SHARED, **MODELS, **MULTIMODEL, **modes, **images, **options, "ChatContainer": "huggingface"}


@cache
def template() -> Mapping[str, Any]:
    """The hosting stack's template."""
    parsed: Mapping[str, Any] = yaml_parse(TEMPLATE.read_text())
    return parsed


def main(folder: Path) -> None:
    """Write each way into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, parameters in every().items():
        plain = PlainStack(template(), parameters).template()
        (folder / f"{name}.json").write_text(json.dumps(plain, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
