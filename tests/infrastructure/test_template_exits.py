"""What fails for good arrives somewhere."""

import pytest

from tests.infrastructure import stack

RULES = stack.of_type("AWS::Events::Rule")
EXIT = "EventsDeadLetterQueue"


@pytest.mark.parametrize("name", sorted(RULES))
def test_an_event_that_cannot_be_delivered_is_kept(name: str) -> None:
    """Promise 4: every event target has a DLQ, a bounded retry, and the DLQ lets this rule in."""
    policy = stack.of_type("AWS::SQS::QueuePolicy")[f"{EXIT}Policy"]["PolicyDocument"]["Statement"][0]

    for event_target in RULES[name]["Targets"]:
        assert stack.target(event_target["DeadLetterConfig"]["Arn"]) == EXIT
        assert event_target["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 86_400
    assert name in stack.targets(policy["Condition"])


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_may_do_what_it_is_for(name: str) -> None:
    """Promise 4: a target that refuses its events would be a dead end."""
    queues = {
        stack.target(queue): policy["PolicyDocument"]["Statement"]
        for policy in stack.of_type("AWS::SQS::QueuePolicy").values()
        for queue in policy["Queues"]
    }
    permitted = {
        (stack.target(permission["SourceArn"]), stack.target(permission["FunctionName"]))
        for permission in stack.of_type("AWS::Lambda::Permission").values()
        if permission["Principal"] == "events.amazonaws.com"
    }
    for event_target in RULES[name]["Targets"]:
        receiver = stack.target(event_target["Arn"])
        if receiver in stack.functions():
            assert (name, receiver) in permitted
        else:
            assert name in stack.targets(queues[receiver])


def asynchronous() -> set[str]:
    """Functions that somebody calls without waiting: event rules, and CloudFormation for custom resources."""
    by_rule = {stack.target(t["Arn"]) for rule in RULES.values() for t in rule["Targets"]}
    custom = {
        stack.target(resource["Properties"]["ServiceToken"])
        for resource in stack.template()["Resources"].values()
        if resource["Type"].startswith("Custom::")
    }
    return (by_rule & set(stack.functions())) | custom


@pytest.mark.parametrize("name", sorted(asynchronous()))
def test_an_asynchronous_call_that_fails_for_good_is_kept(name: str) -> None:
    """Promise 4: every asynchronous function has a failure destination, and may write to it."""
    configured = {
        stack.target(config["FunctionName"]): config
        for config in stack.of_type("AWS::Lambda::EventInvokeConfig").values()
    }
    role = stack.of_type("AWS::IAM::Role")[f"{name}Role"]
    may_send = [s for s in stack.statements(role) if "sqs:SendMessage" in stack.listed(s["Action"])]

    assert stack.target(configured[name]["DestinationConfig"]["OnFailure"]["Destination"]) == EXIT
    assert any(EXIT in stack.targets(statement["Resource"]) for statement in may_send)


def test_every_end_of_an_execution_that_no_catch_sees_is_recorded() -> None:
    """Promise 4: the state machine's failure exit for failed, timed-out and aborted executions."""
    rule = RULES["ExecutionFailedRule"]
    detail = rule["EventPattern"]["detail"]

    assert set(detail["status"]) == {"FAILED", "TIMED_OUT", "ABORTED"}
    assert set(map(stack.target, detail["stateMachineArn"])) == {"IngestDocumentStateMachine"}
    assert stack.target(rule["Targets"][0]["Arn"]) == "RecordFailureFunction"


QUEUED = {n: s for n, s in stack.of_type("AWS::SNS::Subscription").items() if s["Protocol"] == "sqs"}


@pytest.mark.parametrize("name", sorted(QUEUED))
def test_what_a_topic_says_and_nobody_can_take_is_kept(name: str) -> None:
    """Promise 4: a subscription has a DLQ of its own."""
    queue = stack.target(QUEUED[name]["Endpoint"])
    dead_letters = stack.target(QUEUED[name]["RedrivePolicy"]["deadLetterTargetArn"])
    assert dead_letters == queue.replace("Queue", "DeadLetterQueue")
    assert QUEUED[name]["RawMessageDelivery"] is True
