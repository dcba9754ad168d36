"""SageMaker put together: control plane, runtime, asynchronous endpoints and batch transform."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from devstack.modelserver.documents import Announcer, EventBus, ObjectStore
from devstack.modelserver.hosting.async_answers import AsyncAnswers
from devstack.modelserver.hosting.async_worker import AsyncWorker
from devstack.modelserver.hosting.asynchronous import AsyncInvocations
from devstack.modelserver.hosting.behaviour import HostingBehaviour, HostingControl
from devstack.modelserver.hosting.capacity import AsyncInstances
from devstack.modelserver.hosting.containers import Containers
from devstack.modelserver.hosting.endpoints import Endpoints
from devstack.modelserver.hosting.invocations import InvocationTable
from devstack.modelserver.hosting.realtime import RealTimeInvocations
from devstack.modelserver.hosting.resources import Hosting
from devstack.modelserver.hosting.transform import Transform
from devstack.modelserver.hosting.transform_jobs import TransformTable
from devstack.modelserver.hosting.transform_worker import TransformWorker
from devstack.modelserver.job_line import JobLine
from devstack.modelserver.models.registry import BackgroundModels, Models


class SageMaker:
    """The whole service.

    Args:
        folder: what it remembers.
        models: what is in the containers.
        objects, topics, bus: of the emulator.
        behaviour: faults and times at the start.
        line: works on requests that nobody waits for.

    Attributes:
        control: faults and times now.
        operations: of the control plane, by name.
        realtime, asynchronous: the two operations of the runtime.
    """

    def __init__(
        self,
        folder: Path,
        models: Models,
        objects: ObjectStore,
        topics: Announcer,
        bus: EventBus,
        behaviour: HostingBehaviour,
        line: JobLine,
    ) -> None:
        self.control = HostingControl(behaviour)
        instances = AsyncInstances(self.control)
        hosting = Hosting(folder, instances.count)
        endpoints = Endpoints(hosting)
        self.realtime = RealTimeInvocations(endpoints, Containers(models), self.control, objects)
        containers = Containers(BackgroundModels(models))
        invocations = InvocationTable(folder / "invocations")
        answers = AsyncAnswers(containers, objects, self.control)
        self._worker = AsyncWorker(invocations, endpoints, instances, answers, topics, self.control, line)
        self.asynchronous = AsyncInvocations(endpoints, invocations, self.control, self._worker.begin)
        jobs = TransformTable(folder / "transform", time.time)
        self._transformer = TransformWorker(jobs, endpoints, containers, objects, bus, self.control, line)
        transform = Transform(jobs, endpoints, self.control, self._transformer.begin, self._transformer.changed)
        self.operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            **hosting.operations,
            **transform.operations,
        }

    def resume(self) -> None:
        """Go on with what a stopped server left undone."""
        self._worker.resume()
        self._transformer.resume()
