"""Whatever is sent to the routes of questions and answers, nothing breaks."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.api_requests import check, events, operations
from tests.integration.answering.conftest import AnsweringStack, sample

FUNCTIONS = {
    "askQuestion": "ask_question",
    "showAnswer": "show_answer",
    "explainAnswer": "explain_answer",
    "recordFeedback": "record_feedback",
    "listFeedback": "list_feedback",
    "showSpending": "show_spending",
}


@pytest.fixture
def known(stack: AnsweringStack) -> str:
    """An answer that there is."""
    answer: str = json.loads(stack.invoke("ask_question", sample("api__ask_question"))["body"])["answer_id"]
    return answer


@pytest.mark.parametrize(("method", "path", "function"), operations(FUNCTIONS))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_generated_requests_find_no_fault(
    stack: AnsweringStack, known: str, method: str, path: str, function: str, data: st.DataObject
) -> None:
    """Promise 36: generated requests find no 5xx, and no status that the API's description does not name."""
    event = data.draw(events(method, path, sample(f"api__{function}"), {"answer_id": known}))

    check(method, path, stack.invoke(function, event))
