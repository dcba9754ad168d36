"""How long an instance works on a record: embedding is measured here, answering was when calls were counted."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from benchmarks.count_calls import COUNTED
from benchmarks.load.counted_jobs import PASSAGE
from devstack.modelserver.models.embedding import BgeSmallEmbedding

PASSAGES, WARM_UP, ROUNDS = 192, 16, 3


def of_passage(folder: Path) -> float:
    """Seconds that this machine works on a passage with all its cores: the best of some rounds.

    Args:
        folder: With model.onnx and tokenizer.json.
    """
    model = BgeSmallEmbedding(folder, os.cpu_count() or 1, longest_wait=600.0)
    model.embed([PASSAGE] * WARM_UP)
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        model.embed([PASSAGE] * PASSAGES)
        took.append(time.perf_counter() - began)
    return min(took) / PASSAGES


def of_prompt() -> float:
    """Seconds that the small chat model of the one-machine cloud took for an answer (benchmarks/counted_calls.json)."""
    return float(json.loads(COUNTED.read_text("utf-8"))["per_question"]["chat_seconds"])
