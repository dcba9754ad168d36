"""What has to start before an endpoint answers: instances of asynchronous and serverless endpoints, and models."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from devstack.modelserver.hosting.behaviour import HostingControl
from devstack.modelserver.hosting.endpoints import Serverless
from devstack.modelserver.hosting.errors import rate_exceeded


@dataclass
class _Fleet:
    """Instances of an asynchronous endpoint: none, or as many as it began with from `ready_at` on."""

    ready_at: float | None
    last_used: float


class AsyncInstances:
    """Instances of asynchronous endpoints, which go after a while without work and come back with the next request.

    Args:
        control: how long each takes.
        clock: seconds that only go forward.
    """

    def __init__(self, control: HostingControl, clock: Callable[[], float] = time.monotonic) -> None:
        self._control = control
        self._clock = clock
        self._fleets: dict[str, _Fleet] = {}
        self._lock = threading.Lock()

    def ready_in(self, endpoint: str, initial: int) -> float:
        """Seconds until a request can be worked on; where there is no instance, one is started."""
        with self._lock:
            fleet, now = self._fleet(endpoint, initial), self._clock()
            if fleet.ready_at is None:
                self._control.count("wakes")
                fleet.ready_at = now + self._control.behaviour.wake_seconds
            fleet.last_used = max(now, fleet.ready_at)
            return max(0.0, fleet.ready_at - now)

    def count(self, endpoint: str, initial: int) -> int:
        """How many there are now."""
        with self._lock:
            ready_at = self._fleet(endpoint, initial).ready_at
            return initial or 1 if ready_at is not None and ready_at <= self._clock() else 0

    def _fleet(self, endpoint: str, initial: int) -> _Fleet:
        now, idle = self._clock(), self._control.behaviour.idle_seconds
        fleet = self._fleets.setdefault(endpoint, _Fleet(now if initial else None, now))
        if idle is not None and fleet.ready_at is not None and now - fleet.last_used > idle:
            fleet.ready_at = None
        return fleet


@dataclass
class _Workers:
    """Of a serverless endpoint: how many are busy, and when each of the others ended its last work."""

    busy: int = 0
    idle: list[float] = field(default_factory=list)


class ServerlessWorkers:
    """Workers of serverless endpoints, one an invocation. Arguments as of AsyncInstances."""

    def __init__(self, control: HostingControl, clock: Callable[[], float] = time.monotonic) -> None:
        self._control = control
        self._clock = clock
        self._endpoints: defaultdict[str, _Workers] = defaultdict(_Workers)
        self._lock = threading.Lock()

    def enter(self, endpoint: str, serverless: Serverless) -> float:
        """Take a worker; seconds until it can work.

        Raises:
            AwsError: as many as there may be are busy.
        """
        with self._lock:
            workers, limit = self._endpoints[endpoint], self._control.behaviour.idle_seconds
            if workers.busy >= serverless.most:
                self._control.count("throttled")
                raise rate_exceeded()
            now = self._clock()
            workers.idle = [since for since in workers.idle if limit is None or now - since <= limit]
            warm = bool(workers.idle) or workers.busy < serverless.warm
            if workers.idle:
                workers.idle.pop()
            workers.busy += 1
        if warm:
            return 0.0
        self._control.count("cold_starts")
        return self._control.behaviour.cold_start_seconds

    def leave(self, endpoint: str) -> None:
        """Give the worker back."""
        with self._lock:
            self._endpoints[endpoint].busy -= 1
            self._endpoints[endpoint].idle.append(self._clock())


class LoadedModels:
    """Models in the memory of multi-model endpoints. Arguments as of AsyncInstances."""

    def __init__(self, control: HostingControl, clock: Callable[[], float] = time.monotonic) -> None:
        self._control = control
        self._clock = clock
        # By endpoint the models by when they are ready, the one that was asked last at the end.
        self._endpoints: defaultdict[str, OrderedDict[str, float]] = defaultdict(OrderedDict)
        self._lock = threading.Lock()

    def ready_in(self, endpoint: str, model: str) -> float:
        """Seconds until the model is loaded; the first question loads it, and may unload the one asked longest ago."""
        with self._lock:
            loaded, now = self._endpoints[endpoint], self._clock()
            if model not in loaded:
                self._control.count("model_loads")
                loaded[model] = now + self._control.behaviour.load_seconds
            loaded.move_to_end(model)
            most = self._control.behaviour.models_in_memory
            while most is not None and len(loaded) > most:
                loaded.popitem(last=False)
            return max(0.0, loaded[model] - now)
