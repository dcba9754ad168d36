"""The generated contracts say what the code does, and what stands in them is valid."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from docqa.models.answer import Answer
from docqa.models.question import Question
from tools import contracts, routes, translate

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = sorted((ROOT / "docs").rglob("*.schema.json"))


def test_every_route_of_the_template_is_described_and_no_other() -> None:
    """Promise 36: the API that is described is the one that is deployed."""
    events = [
        event["Properties"]
        for resource in translate.source()["Resources"].values()
        if isinstance(resource, dict) and resource.get("Type") == "AWS::Serverless::Function"
        for event in resource["Properties"].get("Events", {}).values()
        if event["Type"] == "Api"
    ]
    deployed = {(event["Method"].upper(), event["Path"]) for event in events}
    described = {(route.method, route.path) for route in routes.ROUTES}
    assert deployed == described


def test_every_reference_in_the_openapi_document_leads_somewhere() -> None:
    document = json.dumps(contracts.openapi())
    named = set(re.findall(r'"#/components/schemas/(\w+)"', document))
    assert named <= set(contracts.openapi()["components"]["schemas"])


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.name)
def test_every_schema_is_a_schema(schema: Path) -> None:
    Draft202012Validator.check_schema(json.loads(schema.read_text()))


def test_a_question_that_the_model_takes_fits_its_schema() -> None:
    schema = json.loads((ROOT / "docs/messages/question.schema.json").read_text())
    question = Question(question="How long is the runway?", id="q-1", metadata={"ticket": "17"})
    Draft202012Validator(schema).validate(question.model_dump(mode="json", exclude_defaults=True))
    assert not Draft202012Validator(schema).is_valid({"question": "x", "tenant": "acme"}), "identity has no place here"


def shown_in_readme(kind: str) -> list[str]:
    found = re.findall(rf"```json {kind}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found, kind
    return found


def test_the_readme_shows_valid_messages() -> None:
    """What the README tells systems to send and to expect is what the models read and write."""
    for example in shown_in_readme("question"):
        Question.model_validate_json(example)
    for example in shown_in_readme("answer"):
        Answer.model_validate_json(example)


def test_the_pages_link_to_files_that_are_there() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.relative_to(ROOT)} links to {link}"


def test_every_decision_has_its_own_number() -> None:
    notes = [path.name for path in (ROOT / "docs" / "decisions").iterdir() if path.name != "README.md"]
    numbers = [re.fullmatch(r"(\d{4})-[a-z0-9-]+\.md", name) for name in notes]
    assert all(numbers), notes
    assert len({match[1] for match in numbers if match}) == len(notes)
