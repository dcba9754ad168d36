from __future__ import annotations

from langchain_core.language_models.fake_chat_models import FakeListChatModel

from evaluation.judge import judged
from evaluation.metrics.summary import measures
from tests.unit.evaluation.outcomes import asked, outcome


def test_a_judge_is_asked_only_where_there_is_an_answer_and_a_reference():
    right = outcome(question=asked(answers=("640 m",)), text="It is 640 metres long. [1]")
    wrong = outcome(question=asked(answers=("1936",)), text="In 1937. [1]")
    refused = outcome(question=asked(answers=("x",)), status="abstained")
    unanswerable = outcome(question=asked(answerable=False))

    found = list(judged([right, wrong, refused, unanswerable], FakeListChatModel(responses=["YES", "No."])))

    assert [one.agrees for one in found] == [True, False, False, None]
    assert measures(found[0])["judge.agreement"] == 1.0


def test_a_judge_that_says_neither_is_no_agreement():
    answer = outcome(question=asked(answers=("640 m",)), text="It is 640 metres long. [1]")

    (found,) = judged([answer], FakeListChatModel(responses=["Well."]))

    assert found.agrees is False
