"""Whether the stack that runs is the one that a deployment would make: then there is nothing to do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from devstack.settings import REPOSITORY

# Everything that goes into a deployment.
SOURCES = ("template.yaml", "samconfig.toml", "requirements/sam.txt", "functions", "layers", "statemachines")


class Deployment(BaseModel):
    """What was deployed last, as it is kept between two runs.

    Attributes:
        stack_id: A stack that was deleted and made again has another one.
        code: Fingerprint of all sources, and of the parameters that they are built with.
        parameters: All of the template's that were given.
    """

    stack_id: str
    code: str
    parameters: dict[str, str]


def fingerprint(parameters: Mapping[str, str], repository: Path = REPOSITORY) -> str:
    """A digest that changes with any file that a deployment is made from, and with any of these parameters."""
    digest = hashlib.sha256(json.dumps(dict(parameters), sort_keys=True).encode())
    for file in _sources(repository):
        digest.update(f"\0{file.relative_to(repository)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def last_deployment(file: Path, stack_id: str) -> Deployment | None:
    """What `remember` wrote of this stack, or None."""
    try:
        found = Deployment.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return found if found.stack_id == stack_id else None


def remember(file: Path, deployment: Deployment) -> None:
    """Keep it for the next run."""
    file.write_text(deployment.model_dump_json(indent=2) + "\n")


def _sources(repository: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = repository / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in files if file.is_file() and "__pycache__" not in file.parts)
