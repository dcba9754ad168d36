"""Queues lose nothing, and hand no message out twice while it is being worked on."""

import pytest

from docqa.services.time_limits import QUIET_SECONDS, RESEARCH_QUIET_SECONDS
from tests.infrastructure import stack
from tools import translate

FOUR_DAYS, FOURTEEN_DAYS = 4 * 86_400, 14 * 86_400
QUEUES = stack.of_type("AWS::SQS::Queue")
DEAD_LETTERS = {
    stack.target(queue["RedrivePolicy"]["deadLetterTargetArn"]) for queue in QUEUES.values() if "RedrivePolicy" in queue
} | {"EventsDeadLetterQueue"}
MAPPINGS = stack.mappings()


@pytest.mark.parametrize("name", sorted(QUEUES))
def test_a_queue_is_encrypted(name: str) -> None:
    """Promise 1: every queue is encrypted."""
    assert QUEUES[name]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("name", sorted(set(QUEUES) - DEAD_LETTERS))
def test_a_queue_keeps_messages_four_days_and_then_knows_where_they_go(name: str) -> None:
    """Promise 1: every queue has a DLQ of its own, and keeps messages for 4 days."""
    queue = QUEUES[name]
    others = [other["RedrivePolicy"] for key, other in QUEUES.items() if key != name and "RedrivePolicy" in other]

    assert queue["MessageRetentionPeriod"] == FOUR_DAYS
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 3
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] not in [other["deadLetterTargetArn"] for other in others]


@pytest.mark.parametrize("name", sorted(DEAD_LETTERS))
def test_a_dead_letter_queue_keeps_messages_fourteen_days(name: str) -> None:
    """Promise 1: DLQs keep messages for 14 days."""
    assert QUEUES[name]["MessageRetentionPeriod"] == FOURTEEN_DAYS


@pytest.mark.parametrize("name", sorted(MAPPINGS))
def test_a_message_stays_hidden_six_times_as_long_as_its_consumer_may_run(name: str) -> None:
    """Promise 2: visibility is at least six times the timeout of the consumer."""
    queue = QUEUES[stack.target(MAPPINGS[name]["EventSourceArn"])]
    consumer = stack.functions()[stack.target(MAPPINGS[name]["FunctionName"])]
    window = MAPPINGS[name].get("MaximumBatchingWindowInSeconds", 0)

    assert queue["VisibilityTimeout"] >= 6 * consumer["Timeout"] + window


@pytest.mark.parametrize("name", sorted(MAPPINGS))
def test_a_bad_message_fails_alone_and_a_flood_meets_a_cap(name: str) -> None:
    """Promise 3: every mapping reports item failures and has a maximum concurrency."""
    mapping = MAPPINGS[name]

    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert 2 <= mapping["ScalingConfig"]["MaximumConcurrency"] <= 10
    assert mapping["BatchSize"] <= 10


def test_every_queue_but_the_answers_is_read_by_the_stack() -> None:
    read = {stack.target(mapping["EventSourceArn"]) for mapping in MAPPINGS.values()}
    assert set(QUEUES) - DEAD_LETTERS - read == {"AnswersQueue"}


@pytest.mark.parametrize(
    ("queue", "quiet"),
    [
        ("QuestionsQueue", QUIET_SECONDS),
        ("HandoverQueue", QUIET_SECONDS),
        ("ResearchQueue", RESEARCH_QUIET_SECONDS),
    ],
)
def test_a_question_is_given_up_long_after_its_queue_would_have_given_it_up(queue: str, quiet: float) -> None:
    """Promise 41: as long as its message may still be received, nobody is told that it failed."""
    receives = QUEUES[queue]["RedrivePolicy"]["maxReceiveCount"]
    assert quiet >= 2 * receives * QUEUES[queue]["VisibilityTimeout"]


REGISTERED = ["arn:aws:sqs:eu-west-1:111122223333:desk.fifo", "arn:aws:sqs:eu-west-1:111122223333:tickets"]


def test_registered_queues_are_read_like_the_stacks_own_and_by_name() -> None:
    """Promises 3, 5: report failures, a cap, and permissions for just these queues; none of it without them."""
    parameters = {"QuestionQueueArns": ",".join(REGISTERED), "ReplyQueueArns": REGISTERED[1]}
    resources = translate.translated(parameters=parameters)["Resources"]

    read = {
        resource["Properties"]["EventSourceArn"]: resource["Properties"]
        for resource in resources.values()
        if resource["Type"] == "AWS::Lambda::EventSourceMapping" and resource.get("Condition") == "ReadQuestionQueues"
    }
    role = resources["AnswerQueuedQuestionFunctionRole"]["Properties"]
    conditional = [
        statement["Fn::If"]
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "Fn::If" in statement
    ]
    allowed = {condition: then for condition, then, _ in conditional}
    assert sorted(read) == REGISTERED
    for mapping in read.values():
        own = MAPPINGS["AnswerQuestionsMapping"]
        assert {**mapping, "EventSourceArn": ""} == {**own, "EventSourceArn": ""}
    assert allowed["ReadQuestionQueues"]["Resource"] == {"Ref": "QuestionQueueArns"}
    assert allowed["SendToReplyQueues"] == {
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": {"Ref": "ReplyQueueArns"},
    }


def test_no_queue_of_others_is_read_unless_it_is_named() -> None:
    """Promise 5: by default the stack reads and writes its own queues only."""
    conditions = stack.template()["Conditions"]

    for condition, parameter in {
        "ReadQuestionQueues": "QuestionQueueArns",
        "SendToReplyQueues": "ReplyQueueArns",
    }.items():
        named = {"Fn::Equals": [{"Fn::Join": [",", {"Ref": parameter}]}, "none"]}
        assert conditions[condition] == {"Fn::Not": [named]}
        assert stack.template()["Parameters"][parameter]["Default"] == "none"
