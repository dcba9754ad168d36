"""Lines of a file of questions: each stands for itself, so that one that is wrong spoils no other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from pydantic import ValidationError

from docqa.domain.question_fields import stated_id, wrong_fields
from docqa.models.batch import BatchLine
from docqa.models.batch_api import unfit_for_batch
from docqa.models.question import Question

# Far more than a question with everything that it may carry; a file of one line does not fill the memory.
LONGEST_LINE_BYTES = 64 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def numbered_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines that hold something, with their numbers from 1; of one that is too long, its beginning."""
    number = 0
    while line := file.readline(LONGEST_LINE_BYTES + 1):
        number += 1
        part = line
        while part and not part.endswith(b"\n"):  # the rest of a long line; nothing, at the end of the file
            part = file.readline(LONGEST_LINE_BYTES + 1)
        line = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
        if line.strip():
            yield number, line.rstrip(b"\r\n")


def batch_line(number: int, line: bytes) -> BatchLine:
    """The question on the line, or why there is none."""
    if len(line) > LONGEST_LINE_BYTES:
        return _refused(number, f"The line is longer than {LONGEST_LINE_BYTES:,} bytes", b"")
    try:
        question = Question.model_validate_json(line)
    except ValidationError as error:
        return _refused(number, f"The line is not a question: {wrong_fields(error, 'not one JSON object')}", line)
    if reason := unfit_for_batch(question):
        return BatchLine(number=number, refusal=reason, id=question.id)
    return BatchLine(number=number, question=question)


def _refused(number: int, what: str, line: bytes) -> BatchLine:
    return BatchLine(number=number, refusal=f"{what}. Correct it and send it again.", id=stated_id(line))
