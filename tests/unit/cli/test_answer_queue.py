import json
from typing import Any

import pytest

from cli.answer_queue import ask_by_queue
from cli.errors import NotInTimeError
from cli.stack import Stack
from docqa.models.question import Question
from tests.fakes.http_api import answer_body

STACK = Stack(
    name="docqa", region="eu-west-1", outputs={"QuestionsQueueUrl": "questions", "AnswersQueueUrl": "answers"}
)


class FakeQueues:
    """Two queues in memory; whoever works behind them answers each question at once."""

    def __init__(self, *, silent: bool = False) -> None:
        self.silent = silent
        self.questions: list[dict[str, Any]] = []
        self.visible: list[str] = [json.dumps(answer_body(id="somebody-else")), "not even JSON"]
        self.hidden: dict[str, str] = {}

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        assert QueueUrl == "questions"
        self.questions.append(json.loads(MessageBody))
        if not self.silent:
            question = self.questions[-1]
            self.visible.append(json.dumps(answer_body(id=question["id"], question=question["question"])))

    def receive_message(self, QueueUrl: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        assert QueueUrl == "answers"
        taken, self.visible = self.visible, []
        self.hidden |= {str(number): body for number, body in enumerate(taken)}
        return {"Messages": [{"Body": body, "ReceiptHandle": str(number)} for number, body in enumerate(taken)]}

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803
        del self.hidden[ReceiptHandle]

    def change_message_visibility(self, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803
        assert VisibilityTimeout == 0
        self.visible.append(self.hidden.pop(ReceiptHandle))


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    fake = FakeQueues()
    monkeypatch.setattr(Stack, "client", lambda *_: fake)
    return fake


def test_each_question_gets_its_own_reply(queues: FakeQueues) -> None:
    replies = ask_by_queue(STACK, [Question(question="One?"), Question(question="Two?")], 10)

    assert [reply.answer.question for reply in replies] == ["One?", "Two?"]
    assert set(queues.questions[0]) == {"id", "question"}, "a message says nothing about who sends it"


def test_replies_to_others_stay_where_they_are(queues: FakeQueues) -> None:
    before = list(queues.visible)

    ask_by_queue(STACK, [Question(question="One?")], 10)

    assert (queues.visible, queues.hidden) == (before, {})


def test_a_missing_reply_is_not_in_time(queues: FakeQueues, monkeypatch: pytest.MonkeyPatch) -> None:
    queues.silent = True
    monkeypatch.setattr("cli.answer_queue.PAUSE_SECONDS", 0.01)

    with pytest.raises(NotInTimeError, match="1 of 1 questions have no reply"):
        ask_by_queue(STACK, [Question(question="One?")], 0.05)
