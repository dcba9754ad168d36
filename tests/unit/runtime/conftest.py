"""What the tests of the runtime share."""

import io
import logging
from collections.abc import Iterator

import pytest

from docqa.runtime.logging import logger


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """Everything the product logs during a test, as it would reach CloudWatch."""
    (handler,) = (item for item in logger.handlers if isinstance(item, logging.StreamHandler))
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)
