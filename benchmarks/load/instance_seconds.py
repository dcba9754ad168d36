"""How long an instance works on a record: embedding is measured here, answering was when calls were counted."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from benchmarks.count_calls import COUNTED
from benchmarks.load.counted_jobs import PASSAGE
from devstack.modelserver.models.embedding import BgeSmallEmbedding

PASSAGES, WARM_UP, ROUNDS = 96, 8, 2


def of_passage(folder: Path) -> float:
    """Seconds that all cores of this machine work on a passage: processor time, which others on it do not change.

    Args:
        folder: With model.onnx and tokenizer.json.
    """
    cores = os.cpu_count() or 1
    model = BgeSmallEmbedding(folder, cores, longest_wait=600.0)
    model.embed([PASSAGE] * WARM_UP)
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        model.embed([PASSAGE] * PASSAGES)
        took.append(time.process_time() - began)
    return min(took) / PASSAGES / cores


def of_prompt() -> float:
    """Seconds that the small chat model of the one-machine cloud took for an answer (benchmarks/counted_calls.json)."""
    return float(json.loads(COUNTED.read_text("utf-8"))["per_question"]["chat_seconds"])
