"""Options of the whole test run."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--data FOLDER`: run what needs recorded material that is not part of the repository."""
    parser.addoption(
        "--data",
        type=Path,
        default=Path(os.environ["DOCQA_DATA"]) if "DOCQA_DATA" in os.environ else None,
        help="folder of recorded responses and real documents; tests that need it are skipped without it",
    )


def pytest_collection_finish() -> None:
    """Collect garbage among what tests make only: thousands of tests and modules stay anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_unconfigure() -> None:
    """Let go of everything in the end, or native libraries report all of it as leaked."""
    gc.unfreeze()
