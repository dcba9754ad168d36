"""What every pipeline step shares."""

import io
from types import SimpleNamespace

import pytest
from pydantic import BaseModel, ValidationError

from docqa.errors import ParserFaultError, StaleVersionError
from docqa.runtime.step import step

CONTEXT = SimpleNamespace(aws_request_id="request-1")


class Work(BaseModel):
    document_id: str
    pages: int


class Result(BaseModel):
    chunks: int


def test_an_event_becomes_the_annotated_model_and_the_result_becomes_json() -> None:
    @step
    def handler(work: Work) -> Result:
        return Result(chunks=work.pages * 2)

    assert handler({"document_id": "d", "pages": 4}, CONTEXT) == {"chunks": 8}


def test_a_step_without_a_result_returns_an_empty_object() -> None:
    @step
    def handler(work: Work) -> None:
        return None

    assert handler({"document_id": "d", "pages": 4}, CONTEXT) == {}


def test_an_event_of_the_wrong_shape_is_refused_before_any_work() -> None:
    @step
    def handler(work: Work) -> None:
        raise AssertionError("must not run")

    with pytest.raises(ValidationError):
        handler({"pages": 4}, CONTEXT)


def test_errors_keep_their_class_because_the_state_machine_matches_its_name() -> None:
    @step
    def handler(work: Work) -> None:
        raise StaleVersionError("newer")

    with pytest.raises(StaleVersionError):
        handler({"document_id": "d", "pages": 1}, CONTEXT)


def test_a_failure_is_logged_without_its_message(log_lines: io.StringIO) -> None:
    """Promise 49: an error's message may quote a document, so only its class and place are logged."""

    @step
    def handler(work: Work) -> None:
        raise ValueError("SECRET SENTENCE OF A DOCUMENT")

    with pytest.raises(ValueError, match="SECRET"):
        handler({"document_id": "doc-7", "pages": 1}, CONTEXT)

    printed = log_lines.getvalue()
    assert "doc-7" in printed
    assert "ValueError" in printed
    assert "SECRET" not in printed


def test_a_handler_without_a_model_annotation_is_a_programming_error() -> None:
    def handler(work: dict) -> None:  # type: ignore[type-arg]
        return None

    with pytest.raises(TypeError, match="pydantic model"):
        step(handler)


def test_a_parsers_fault_is_logged_by_the_code_lines_that_it_passed(log_lines: io.StringIO) -> None:
    """Promise 49: code lines and class names, no text of the document."""

    # given
    @step
    def handler(work: Work) -> None:
        raise ParserFaultError("docqa stumbled", frames=("html.py:70 _visible_text",))

    # when
    with pytest.raises(ParserFaultError):
        handler({"document_id": "d", "pages": 4}, CONTEXT)
    # then
    assert '"parser_frames":["html.py:70 _visible_text"]' in log_lines.getvalue()
