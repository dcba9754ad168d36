"""IAM is enforced: the flow of the other tests runs with the roles as they are, and misses what is taken away."""

from __future__ import annotations

import httpx
import pytest

from tests.e2e.stack.cloud import Cloud, Person
from tests.fakes.pdfs import text_pdf


@pytest.mark.parametrize(
    ("function", "action", "method", "path", "body"),
    [
        ("ListDocumentsFunction", "dynamodb:Query", "GET", "/documents", None),
        ("ShowDocumentFunction", "dynamodb:GetItem", "GET", f"/documents/{'0' * 32}", None),
        ("ShowAnswerFunction", "dynamodb:GetItem", "GET", "/answers/absent", None),
        ("ExplainAnswerFunction", "dynamodb:GetItem", "GET", "/answers/absent/explanation", None),
        ("RecordFeedbackFunction", "dynamodb:GetItem", "POST", "/answers/absent/feedback", {"verdict": "right"}),
        ("ListFeedbackFunction", "dynamodb:Query", "GET", "/feedback", None),
        ("ShowSpendingFunction", "dynamodb:Query", "GET", "/spending", None),
        ("AskQuestionFunction", "dynamodb:PutItem", "POST", "/questions", {"question": "Who flew the balloon?"}),
    ],
    ids=lambda value: value if isinstance(value, str) and value.endswith("Function") else "",
)
def test_a_request_fails_without_its_statement(
    cloud: Cloud, ann: Person, function: str, action: str, method: str, path: str, body: object
) -> None:
    """Promise 6: the statement is needed, and it is enough."""
    with cloud.without(function, action):
        refused = ann.http.request(method, path, json=body)
    allowed = ann.http.request(method, path, json=body)

    assert refused.status_code in (500, 503)
    assert "AccessDenied" not in refused.text
    assert allowed.status_code in (200, 404)


@pytest.mark.parametrize(
    ("function", "action"),
    [("InspectDocumentFunction", "s3:GetObjectVersion"), ("ChunkDocumentFunction", "s3:PutObject")],
)
def test_a_step_fails_without_its_statement_and_says_so(cloud: Cloud, ann: Person, function: str, action: str) -> None:
    """Promise 6: the document ends FAILED, and the next upload goes through."""
    key = f"acme/permissions/{function}.pdf"
    with cloud.without(function, action):
        document_id = cloud.drop(key, text_pdf(["A page about gliders."]), ["staff"])
        status = cloud.wait_for_end(document_id)
    failure = ann.show(document_id).json()["failure"]
    assert (status, failure["code"] != "") == ("FAILED", True)

    cloud.drop(key, text_pdf(["A page about gliders, again."]))
    assert cloud.wait_for_end(document_id, 2) == "INDEXED"


def test_a_bucket_is_closed_to_strangers(cloud: Cloud) -> None:
    """Promise 7: no anonymous access."""
    url = f"{cloud.stack.endpoint_url}/{cloud.bucket}"
    assert httpx.get(url, trust_env=False).status_code == 403
