"""What matrix.toml says: which container hosts which model in which mode, and why not."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

MATRIX = Path(__file__).with_name("matrix.toml")
# Modes that run on instances of a chosen type; the others have their own.
ON_INSTANCES = ("realtime", "asynchronous", "transform")
MULTIMODEL = "multimodel"


@dataclass(frozen=True, slots=True)
class Mode:
    """A way of asking a model.

    Attributes:
        payload_mb: Largest request in megabytes; of batch transform, the largest mini-batch.
        seconds: Longest time for an answer.
        idle: What is paid while nobody asks.
    """

    title: str
    suits: str
    payload_mb: int
    seconds: int
    idle: str
    source: str


@dataclass(frozen=True, slots=True)
class Container:
    """A container image with a model server.

    Attributes:
        tasks: `embedding`, `chat`.
        processors: `cpu`, `gpu`, for which there are images.
        modes: Those that it can be deployed in.
        format: By task what it speaks, as docqa's parameters EmbeddingFormat and ChatFormat call it.
        refused: Sentence by task, processor or mode that is missing above.
    """

    title: str
    tasks: list[str]
    processors: list[str]
    modes: list[str]
    format: dict[str, str]
    source: str
    refused: dict[str, str]


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance type; `multimodel`: whether SageMaker shares it between models."""

    processor: str
    gpus: int
    memory_gib: int
    multimodel: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole file."""

    tasks: dict[str, str]
    modes: dict[str, Mode]
    containers: dict[str, Container]
    instances: dict[str, Instance]
    unshared: str

    def refusals(self, task: str, container: str, modes: Collection[str], instance: str) -> set[str]:
        """Why this cannot be deployed, as sentences; none if it can.

        Args:
            task: `embedding` or `chat`.
            container: Its name in the file.
            modes: Those that are wanted together, without `multimodel`.
            instance: The type on which they are to run, where they do.
        """
        chosen = self.containers[container]
        wanted = {task, *modes} if modes else set()
        if any(mode in modes for mode in ON_INSTANCES):
            wanted.add(self.instances[instance].processor)
        return {chosen.refused[one] for one in wanted if one in chosen.refused}

    def multimodel_refusals(self, container: str, instance: str) -> set[str]:
        """Why several models cannot share an endpoint like this; none if they can."""
        chosen, machine = self.containers[container], self.instances[instance]
        found = {chosen.refused[one] for one in (MULTIMODEL, machine.processor) if one in chosen.refused}
        return found if machine.multimodel else found | {self.unshared}


def load(path: Path = MATRIX) -> Matrix:
    """The matrix as it is in the file."""
    data = tomllib.loads(path.read_text())
    return Matrix(
        tasks=data["tasks"],
        modes={name: Mode(**fields) for name, fields in data["modes"].items()},
        containers={name: Container(**fields) for name, fields in data["containers"].items()},
        instances={name: Instance(**fields) for name, fields in data["instances"].items()},
        unshared=data["shared_instances"]["refused"],
    )
