"""Whatever is sent to the routes of documents, nothing breaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.api_requests import check, events, operations
from tests.integration.lifecycle.stack import DOCUMENT_ID, LifecycleStack

FUNCTIONS = {
    "uploadDocument": "upload_document",
    "listDocuments": "list_documents",
    "showDocument": "show_document",
    "deleteDocument": "delete_document",
    "openDocument": "open_document",
    "setDocumentReaders": "set_document_readers",
    "reprocessDocument": "reprocess_document",
}


@pytest.mark.parametrize(("method", "path", "function"), operations(FUNCTIONS))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_generated_requests_find_no_fault(
    stack: LifecycleStack,
    sample: Callable[[str], dict[str, Any]],
    method: str,
    path: str,
    function: str,
    data: st.DataObject,
) -> None:
    """Promise 36: generated requests find no 5xx, and no status that the API's description does not name."""
    if stack.registry.get(DOCUMENT_ID) is None:
        stack.put()
        stack.invoke("receive_document", sample("s3__document_created"))
    event = data.draw(events(method, path, sample(f"api__{function}"), {"document_id": DOCUMENT_ID}))

    check(method, path, stack.invoke(function, event))
