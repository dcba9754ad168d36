"""The evaluation lets a chat model write as the stack does that has it."""

import pytest

from devstack.deploy import template_parameters
from devstack.settings import DevstackSettings
from evaluation.chat_answers import ChatAnswers
from evaluation.local.chat_rules import ChatRules, rules_of
from tests.infrastructure import stack


def test_the_packaged_model_writes_as_the_one_machine_cloud_has_it() -> None:
    deployed = template_parameters(DevstackSettings.from_environment({}))
    rules = rules_of(deployed)
    assert (rules.passages, rules.max_tokens) == (int(deployed["ChatPassages"]), int(deployed["ChatMaxTokens"]))
    assert rules.answers is ChatAnswers(deployed["ChatAnswers"])


def test_another_model_writes_as_the_template_has_it_by_itself() -> None:
    own = {name: one.get("Default") for name, one in stack.template()["Parameters"].items()}
    assert rules_of({}) == ChatRules(own["ChatPassages"], own["ChatMaxTokens"], ChatAnswers(own["ChatAnswers"]))


def test_the_templates_values_are_those_that_can_be_evaluated() -> None:
    allowed = stack.template()["Parameters"]["ChatAnswers"]["AllowedValues"]
    assert allowed == list(ChatAnswers)


def test_what_no_stack_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="half"):
        rules_of({"ChatAnswers": "half"})
