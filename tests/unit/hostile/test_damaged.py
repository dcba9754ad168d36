"""Files with flipped, missing and doubled bytes: pages come out, or an error in words; never anything else."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docqa.adapters.sandbox import Nursery
from docqa.errors import DocumentError, ParserFaultError
from tests.fakes.beacons import BEACONS
from tests.fakes.pdfs import scanned_pdf, text_pdf
from tests.unit.hostile.reading import outcome

WHOLE = {
    **{name: make("http://127.0.0.1:9") for name, make in BEACONS.items()},
    "text.pdf": text_pdf(["Words on a page.", "And on another."]),
    "scan.pdf": scanned_pdf(["Words in a picture."]),
}


def damaged(file: bytes, seed: int) -> bytes:
    """The file after some accident: bytes flipped, cut out, doubled, or its end missing."""
    chance = random.Random(seed)
    content = bytearray(file)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(content))
        length = chance.choice([1, 1, 4, 40, 400])
        match chance.randrange(5):
            case 0:
                content[at] ^= 1 << chance.randrange(8)
            case 1:
                content[at : at + length] = chance.randbytes(length)
            case 2:
                del content[at : at + length]
            case 3:
                content[at:at] = content[at : at + length]
            case _:
                del content[max(at, 1) :]
        content = content or bytearray(b"\0")
    return bytes(content)


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_ends_in_pages_or_in_words(name: str, nursery: Nursery, seed: int) -> None:
    """Promises 19, 46: whatever befell a file, it ends in a stated status, and no parser stumbles unforeseen."""
    # when
    ended = outcome(damaged(WHOLE[name], seed), name, nursery)
    # then
    assert not isinstance(ended, ParserFaultError), (str(ended), ended.frames)
    assert str(ended) if isinstance(ended, DocumentError) else ended.media_type
