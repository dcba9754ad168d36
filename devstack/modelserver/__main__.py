"""`python -m devstack.modelserver`: serve on 127.0.0.1 until asked to end."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

import uvicorn

from devstack.modelserver.app import ModelServer
from devstack.modelserver.documents import EmulatorBus, EmulatorDocuments, EmulatorTopics
from devstack.modelserver.models.registry import real_models
from devstack.modelserver.settings import ModelServerSettings, RemoteChat


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m devstack.modelserver")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state-dir", type=Path, required=True, help="jobs, endpoints and models")
    parser.add_argument("--emulator-url", required=True, help="where documents and topics are")
    parser.add_argument("--embedding-model", type=Path, required=True, help="folder with model.onnx and tokenizer.json")
    parser.add_argument("--behaviour", type=Path, help="JSON file: faults and limits of the services from the start on")
    chosen = parser.parse_args()
    settings = ModelServerSettings(
        state_dir=chosen.state_dir,
        emulator_url=chosen.emulator_url,
        embedding_model=chosen.embedding_model,
        remote_chat=remote_chat(os.environ),
        behaviour_file=chosen.behaviour,
    )
    url = settings.emulator_url
    server = ModelServer(settings, real_models(settings), EmulatorDocuments(url), EmulatorTopics(url), EmulatorBus(url))
    uvicorn.run(server.app(), host="127.0.0.1", port=chosen.port, log_level="info")


def remote_chat(environment: Mapping[str, str]) -> RemoteChat | None:
    """The server that DOCQA_CHAT_URL, DOCQA_CHAT_MODEL and DOCQA_CHAT_KEY name, or None."""
    url = environment.get("DOCQA_CHAT_URL")
    if not url:
        return None
    return RemoteChat(url, environment.get("DOCQA_CHAT_MODEL", "default"), environment.get("DOCQA_CHAT_KEY", ""))


if __name__ == "__main__":
    main()
