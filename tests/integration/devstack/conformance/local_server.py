"""A model server on 127.0.0.1 with fakes of everything around it, as boto3 meets it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import boto3
import httpx
import uvicorn
from botocore.config import Config

from devstack.modelserver.app import ModelServer
from devstack.modelserver.settings import ModelServerSettings
from tests.fakes.model_server import HeardEvents, HeardTopics, StoredDocuments, fake_models

Found = TypeVar("Found")
# One attempt: what the server refuses is seen, and not tried again by boto3.
ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=20)
LONGEST_SECONDS = 10.0
IMAGES = "763104351884.dkr.ecr.us-east-1.amazonaws.com"


class LocalServer:
    """It can be restarted, and remembers what is in its folder.

    Attributes:
        objects, topics, bus: what is around it.
    """

    def __init__(self, port: int, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._folder = folder
        self.objects = StoredDocuments()
        self.topics = HeardTopics()
        self.bus = HeardEvents()
        self.start()

    def start(self, behaviour_file: Path | None = None) -> None:
        """Serve until `stop`."""
        settings = ModelServerSettings(self._folder, "unused", self._folder, behaviour_file=behaviour_file)
        app = ModelServer(settings, fake_models(), self.objects, self.topics, self.bus).app()
        config = uvicorn.Config(app, host="127.0.0.1", port=self._port, log_level="error", ws="none", lifespan="on")
        self._server = _PromptServer(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        eventually(lambda: self._server.started or None)

    def stop(self) -> None:
        """End as a server ends that is asked to."""
        self._server.should_exit = True
        self._thread.join(LONGEST_SECONDS)
        assert not self._thread.is_alive()

    def behave(self, service: str, **settings: Any) -> dict[str, Any]:
        """Set how a service behaves; what came of it so far is in the answer of `counts`."""
        answer = httpx.put(f"{self.url}/_control/{service}", json=settings, trust_env=False)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def counts(self, service: str) -> dict[str, Any]:
        """What happened since the behaviour was set."""
        found: dict[str, Any] = httpx.get(f"{self.url}/_control/{service}", trust_env=False).json()
        return found

    def put(self, key: str, content: bytes | str | object) -> str:
        """An object in the bucket `work`, and its address; what is neither text nor bytes becomes JSON."""
        if not isinstance(content, bytes):
            content = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.objects.contents["work", key] = content
        return f"s3://work/{key}"

    def read(self, address: str) -> bytes | None:
        """The object at an address, or None."""
        bucket, _, key = address.removeprefix("s3://").partition("/")
        return self.objects.contents.get((bucket, key))

    def below(self, prefix: str) -> list[str]:
        """Keys in the bucket `work` that begin so."""
        return [found.key for found in self.objects.list_objects("work", prefix)]


class _PromptServer(uvicorn.Server):
    """Looks a hundred times a second whether it is to end; uvicorn does ten times, and each test ends a server."""

    async def main_loop(self) -> None:
        ticks = 0
        while not await self.on_tick(ticks // 10):
            ticks += 1
            await asyncio.sleep(0.01)


def client(service: str, port: int) -> Any:
    """A real boto3 client that talks to the server."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # one function for all services
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=ONCE,
    )


def eventually(look: Callable[[], Found | None]) -> Found:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        found = look()
        if found is not None:
            return found
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)
