"""What the hosting stack tells the main stack."""

from __future__ import annotations

import re

from models import deployments
from tests.infrastructure import hosting

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


def test_the_readme_names_every_output_and_every_link_leads_somewhere() -> None:
    page = deployments.TEMPLATE.with_name("README.md")
    text = page.read_text()
    assert not [name for name in deployments.template()["Outputs"] if f"`{name}`" not in text]
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (page.parent / link).exists(), link
