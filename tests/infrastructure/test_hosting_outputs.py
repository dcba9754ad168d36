"""What the hosting stack tells the main stack."""

from __future__ import annotations

import re

from models import deployments
from tests.infrastructure import hosting, stack

README = deployments.TEMPLATE.with_name("README.md")
# A row of the table of outputs: | `Output` | where it goes |
FED = re.compile(r"^\| `(\w+)` \| (`[A-Z]\w+`.*) \|$", re.MULTILINE)
ALONE = [(task, mode) for task in hosting.TASKS for mode in hosting.MODES]


def test_the_endpoint_that_people_wait_for_is_the_real_time_one_where_there_is_one() -> None:
    both = deployments.alone("Embedding", "Realtime") | {"EmbeddingServerless": "true"}
    assert hosting.stack(both).outputs()["EmbeddingModel"] == "docqa-embedding"
    assert hosting.stack(deployments.alone("Chat", "Serverless")).outputs()["ChatModel"] == "docqa-chat-serverless"


def test_outputs_are_those_of_the_modes() -> None:
    found = {task_mode: set(hosting.stack(deployments.alone(*task_mode)).outputs()) for task_mode in ALONE}
    for task in hosting.TASKS:
        assert found[task, "Realtime"] == {f"{task}Model", f"{task}Format"}
        assert found[task, "Serverless"] == {f"{task}Model", f"{task}Format", f"{task}ServerlessEndpoint"}
        topics = {"InferenceSuccessTopicArn", "InferenceErrorTopicArn"}
        assert found[task, "Asynchronous"] == {f"{task}AsyncEndpoint", f"{task}Format", *topics}
    assert found["Embedding", "Transform"] == {"EmbeddingTransformModel", "EmbeddingFormat", "TransformInstanceType"}
    assert found["Chat", "Transform"] == {"ChatTransformModel", "ChatFormat", "ChatTransformInstanceType"}


def test_every_output_has_its_row_and_every_row_names_parameters_of_the_main_stack() -> None:
    rows = dict(FED.findall(README.read_text()))
    parameters = stack.template()["Parameters"]

    assert rows.keys() == deployments.template()["Outputs"].keys()
    for output, into in rows.items():
        named = re.findall(r"`([A-Z]\w+)`", into.partition(":")[0].partition(", with")[0])
        assert named, f"{output} goes nowhere"
        assert set(named) <= parameters.keys(), output
        assert output not in parameters or named == [output], "who has the name of a parameter goes there"


def test_what_is_set_beside_an_output_is_a_value_that_its_parameter_takes() -> None:
    parameters = stack.template()["Parameters"]
    beside = [re.findall(r"`(\w+)=(\w+)`", into) for into in dict(FED.findall(README.read_text())).values()]

    settings = [one for found in beside for one in found]
    assert settings
    for name, value in settings:
        assert value in parameters[name]["AllowedValues"], name


def test_every_mode_of_a_model_can_be_asked_by_the_main_stack() -> None:
    """No mode is made whose name goes nowhere: each has an output, and each output a row (above)."""
    for task in hosting.TASKS:
        for mode in hosting.MODES:
            outputs = hosting.stack(deployments.alone(task, mode)).outputs()
            assert [name for name in outputs if name.startswith(task) and not name.endswith("Format")], (task, mode)


def test_every_link_of_the_readme_leads_somewhere() -> None:
    page, text = README, README.read_text()
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (page.parent / link).exists(), link
