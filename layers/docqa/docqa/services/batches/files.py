"""Where the files of a batch lie in the work bucket, and how they are read and written: JSON lines, a part each."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter

from docqa.errors import NotFoundError
from docqa.models.batch import Batch
from docqa.ports.objects import ObjectStore

JSON_LINES = "application/x-ndjson"
# Above this a file that is being written goes to the disk.
SPILL_BYTES = 16 * 1024 * 1024

ModelT = TypeVar("ModelT", bound=BaseModel)
ValueT = TypeVar("ValueT")


def batch_prefix(batch: Batch) -> str:
    """Everything of the batch."""
    return f"{batch.tenant}/batches/{batch.batch_id}/"


def working_prefix(batch: Batch) -> str:
    """What is needed until the batch has its results, and no longer."""
    return f"{batch_prefix(batch)}work/"


def input_key(batch: Batch) -> str:
    """Questions that came over HTTP. Another body with the same idempotency key, at the same time, is another file."""
    return f"{working_prefix(batch)}input-{batch.body_hash}.jsonl"


def questions_key(batch: Batch, part: int) -> str:
    """Lines of a part, as they were read."""
    return f"{working_prefix(batch)}questions/{part:06d}.jsonl"


def found_key(batch: Batch, part: int) -> str:
    """What was found for the first questions of a part, until all have been looked for."""
    return f"{working_prefix(batch)}found/{part:06d}.jsonl"


def grounds_key(batch: Batch, part: int) -> str:
    """What was found for the questions of a part."""
    return f"{working_prefix(batch)}grounds/{part:06d}.jsonl"


def prompts_key(batch: Batch, part: int) -> str:
    """What the chat model is asked about a part."""
    return f"{working_prefix(batch)}prompts/{part:06d}.jsonl"


def replies_key(batch: Batch, part: int) -> str:
    """What a job of the chat model answered."""
    return f"{working_prefix(batch)}replies/{part:06d}.jsonl"


def part_answers_key(batch: Batch, part: int) -> str:
    """Answers of a part."""
    return f"{working_prefix(batch)}answers/{part:06d}.jsonl"


def answers_key(batch: Batch) -> str:
    """All answers with their sources, in order: what results are made from, for whoever reads them."""
    return f"{batch_prefix(batch)}answers.jsonl"


def sources_key(batch: Batch) -> str:
    """Versions of documents that answers were made from."""
    return f"{batch_prefix(batch)}sources.json"


def write_lines(store: ObjectStore, key: str, lines: Iterable[BaseModel]) -> None:
    """Write a file of models, one a line, without having them all in memory."""
    with tempfile.SpooledTemporaryFile(max_size=SPILL_BYTES) as file:
        for line in lines:
            file.write(line.model_dump_json(exclude_defaults=True).encode() + b"\n")
        file.seek(0)
        store.write(key, file, JSON_LINES)


def read_lines(store: ObjectStore, key: str, model: type[ModelT]) -> Iterator[ModelT]:
    """Read such a file, line by line.

    Raises:
        NotFoundError: there is none.
    """
    with store.open(key) as file:
        for line in file:
            yield model.model_validate_json(line)


def write_values(store: ObjectStore, key: str, kind: TypeAdapter[ValueT], values: Iterable[ValueT]) -> None:
    """Write a file of dataclasses, one a line."""
    with tempfile.SpooledTemporaryFile(max_size=SPILL_BYTES) as file:
        for value in values:
            file.write(kind.dump_json(value) + b"\n")
        file.seek(0)
        store.write(key, file, JSON_LINES)


def read_values(store: ObjectStore, key: str, kind: TypeAdapter[ValueT]) -> list[ValueT]:
    """Read such a file; nothing, where there is none."""
    try:
        return [kind.validate_json(line) for line in store.read(key).splitlines()]
    except NotFoundError:
        return []
