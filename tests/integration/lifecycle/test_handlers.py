"""The handlers of a document's life with the payloads of events/, over moto."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3

from docqa import ids
from docqa.models.access import group_reader
from tests.integration.lifecycle.stack import DOCUMENT_ID, DOCUMENTS, KEY, OWNER, LifecycleStack

Sample = Callable[[str], dict[str, Any]]
DONE: dict[str, Any] = {"batchItemFailures": []}


def receive(stack: LifecycleStack, sample: Sample) -> None:
    stack.put()
    assert stack.invoke("receive_document", sample("s3__document_created")) == DONE


def start(stack: LifecycleStack, sample: Sample) -> None:
    receive(stack, sample)
    assert stack.invoke("dispatch_documents", sample("dispatch__document_received")) == DONE


def as_person(event: dict[str, Any], **claims: str) -> dict[str, Any]:
    event["requestContext"]["authorizer"]["claims"].update(claims)
    return event


def test_a_document_with_an_odd_key_is_received_and_started_once(stack: LifecycleStack, sample: Sample) -> None:
    """Promises 13, 18: the event comes three times, one execution starts."""
    stack.put()
    for _ in range(3):
        assert stack.invoke("receive_document", sample("s3__document_created")) == DONE
    assert stack.take("dispatch") == [{"document_id": DOCUMENT_ID, "generation": 1}]
    for _ in range(3):
        assert stack.invoke("dispatch_documents", sample("dispatch__document_received")) == DONE
    executions = boto3.client("stepfunctions").list_executions(stateMachineArn=stack.machine)["executions"]
    assert [one["name"] for one in executions] == [f"{DOCUMENT_ID}-1-1"]
    assert (stack.document().status, stack.document().key) == ("PROCESSING", KEY)


def test_the_metadata_file_changes_access_and_nothing_else(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 43: permissions hold from the next request on."""
    start(stack, sample)
    stack.publish()
    sidecar = json.dumps({"metadataAttributes": {"groups": ["finance"], "year": 2026.5}}).encode()
    stack.s3.put_object(Bucket=DOCUMENTS, Key=ids.sidecar_key(KEY), Body=sidecar)
    assert stack.invoke("receive_document", sample("s3__metadata_file_created")) == DONE
    document = stack.document()
    assert document.readers == {group_reader("finance")}
    assert document.attributes == {"year": 2026.5}
    assert (document.latest_generation, document.revision, document.described) == (1, 2, True)
    assert stack.take("maintenance") == [{"document_id": DOCUMENT_ID}]


def test_a_deleted_object_is_hidden_and_announced(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 16: a deletion hides the document at once, then removes every trace."""
    start(stack, sample)
    stack.publish()
    stack.s3.delete_object(Bucket=DOCUMENTS, Key=KEY)
    assert stack.invoke("receive_document", sample("s3__document_deleted")) == DONE
    assert not stack.document().answers
    (event,) = stack.take("events")
    assert (event["source"], event["detail-type"]) == ("docqa", "DocumentDeleted")
    assert event["detail"] == {"tenant": "acme", "document_id": DOCUMENT_ID}


def test_an_event_of_another_bucket_is_not_ours(stack: LifecycleStack, sample: Sample) -> None:
    event = sample("s3__document_created")
    (record,) = event["Records"]
    record["body"] = record["body"].replace(DOCUMENTS, "another-bucket")
    assert stack.invoke("receive_document", event)["batchItemFailures"] == [{"itemIdentifier": record["messageId"]}]


def test_the_end_of_an_execution_frees_its_place(stack: LifecycleStack, sample: Sample) -> None:
    start(stack, sample)
    assert stack.registry.slots() == {f"{DOCUMENT_ID}-1-1"}
    stack.registry.mark_deleted(stack.document(), 1.0)
    for name in ("stepfunctions__execution_succeeded", "dispatch__tick"):
        assert stack.invoke("dispatch_documents", sample(name)) == DONE
    assert stack.registry.slots() == frozenset()


def test_a_failed_step_ends_in_a_stated_status(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 19: every document ends in a stated status."""
    start(stack, sample)
    event = sample("stepfunctions__step_failed")
    assert stack.invoke("record_failure", event) == {}
    assert stack.invoke("record_failure", sample("stepfunctions__execution_timed_out")) == {}
    failure = stack.document().failure
    assert failure is not None
    assert (failure.code, "password" in failure.message) == ("EncryptedDocumentError", True)
    (told,) = stack.take("events")
    assert (told["detail-type"], told["detail"]["code"]) == ("DocumentFailed", "EncryptedDocumentError")


def test_a_timed_out_execution_leaves_its_document_waiting_for_another_one(
    stack: LifecycleStack, sample: Sample
) -> None:
    """Promise 20: nothing stays in limbo."""
    start(stack, sample)
    assert stack.invoke("record_failure", sample("stepfunctions__execution_timed_out")) == {}
    assert (stack.document().status, stack.registry.slots()) == ("RECEIVED", frozenset())
    waiting = stack.registry.get_generation(DOCUMENT_ID, 1)
    assert waiting is not None
    assert waiting.tries == 1


def test_house_is_kept_after_a_deletion(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 16: a deletion hides the document at once, then removes every trace."""
    start(stack, sample)
    stack.registry.claim_artifact("acme/embeddings/h/", f"{DOCUMENT_ID}:1")
    prefixes = ("acme/embeddings/h/", f"acme/documents/{DOCUMENT_ID}/1/")
    for prefix in prefixes:
        stack.s3.put_object(Bucket="docqa-work-111122223333", Key=f"{prefix}x", Body=b"x")
    stack.publish()
    stack.s3.delete_object(Bucket=DOCUMENTS, Key=KEY)
    stack.invoke("receive_document", sample("s3__document_deleted"))
    for _ in range(2):
        assert stack.invoke("reconcile_document", sample("maintenance__reconcile")) == DONE
    assert "Contents" not in stack.s3.list_objects_v2(Bucket="docqa-work-111122223333")
    assert [one.status for one in stack.registry.list_generations(DOCUMENT_ID)] == ["REMOVED"]


def sweep(stack: LifecycleStack, sample: Sample) -> None:
    """Sweep the bucket as if the last time were days ago, and receive what the sweep asks for."""
    stack.registry.set_sweep_position("bucket", None)
    assert stack.invoke("sweep_documents", sample("schedule__bucket")) == {}
    record = sample("s3__document_created")["Records"][0]
    for message in stack.take("ingest"):
        event = {"Records": [record | {"body": json.dumps(message)}]}
        assert stack.invoke("receive_document", event) == DONE


def test_sweeps_find_lost_events_and_vanished_executions(stack: LifecycleStack, sample: Sample) -> None:
    """Promises 14, 20: what no event told is found by looking."""
    stack.put()
    sweep(stack, sample)
    assert stack.document().status == "RECEIVED"
    generation = stack.registry.list_generations(stack.registry.waiting(1e12, 1)[0][0].document_id)[-1]
    assert stack.registry.claim_slot(generation, 2, deadline=1.0, now=0.0)
    assert stack.invoke("sweep_documents", sample("schedule__deadlines")) == {}
    assert stack.document().status == "RECEIVED"
    assert stack.registry.slots() == frozenset()
    stack.s3.delete_object(Bucket=DOCUMENTS, Key=KEY)
    sweep(stack, sample)
    assert stack.document().status == "DELETED"


def test_an_upload_is_a_form_for_one_key(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 45: size, prefix and tenant of an upload hold."""
    status, ticket = stack.call("upload_document", sample("api__upload_document"))
    assert status == 201
    assert (ticket["document_id"], ticket["fields"]["key"]) == (DOCUMENT_ID, KEY)
    assert ticket["fields"]["x-amz-meta-owner"] == OWNER
    stack.upload(ticket)
    stack.invoke("receive_document", sample("s3__document_created"))
    assert stack.document().readers == {group_reader("finance")}
    assert stack.document().owner == OWNER


def test_of_two_uploads_to_a_new_path_the_first_stays(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 45: the later upload takes nothing over, and leaves the bucket."""
    event = sample("api__upload_document")
    tickets = [stack.call("upload_document", as_person(event, sub=sub))[1] for sub in (OWNER, "another")]
    for ticket, body in zip(tickets, (b"first", b"second"), strict=True):
        stack.upload(ticket, body)
    stack.invoke("receive_document", sample("s3__document_created"))
    assert stack.document().owner == OWNER
    assert stack.s3.get_object(Bucket=DOCUMENTS, Key=KEY)["Body"].read() == b"first"


def test_a_person_lists_and_shows_what_is_there(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 42: nobody sees what they may not read."""
    receive(stack, sample)
    status, page = stack.call("list_documents", sample("api__list_documents"))
    assert (status, [one["document_id"] for one in page["documents"]], page["cursor"]) == (200, [DOCUMENT_ID], None)
    status, view = stack.call("show_document", sample("api__show_document"))
    assert (status, view["status"], view["key"]) == (200, "RECEIVED", KEY)
    foreign = {"custom:tenant": "other"}
    assert stack.call("list_documents", as_person(sample("api__list_documents"), **foreign))[1]["documents"] == []
    assert stack.call("show_document", as_person(sample("api__show_document"), **foreign))[0] == 404
    stranger = {"sub": "someone-else", "cognito:groups": "[]"}
    assert stack.call("show_document", as_person(sample("api__show_document"), **stranger))[0] == 404


def test_odd_requests_are_refused_and_break_nothing(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 36: what is outside the limits is a 4xx."""
    receive(stack, sample)
    for query in ({"limit": "x"}, {"limit": "0"}, {"limit": "9" * 50}, {"cursor": "WyJhIiwiYiJd"}, {"cursor": "é"}):
        event = sample("api__list_documents") | {"queryStringParameters": query}
        assert stack.call("list_documents", event)[0] == 400
    for name in ("", "x", "0" * 32, "artifact#acme", "0" * 5_000):
        event = sample("api__show_document") | {"pathParameters": {"document_id": name}}
        assert stack.call("show_document", event)[0] == 404
    paths = ("../x", "/x", "\\ud800", "x.metadata.json")
    for body in ("", "{", "[]", '{"path": "x", "size": 0}', *(f'{{"path": "{path}", "size": 1}}' for path in paths)):
        event = sample("api__upload_document") | {"body": body}
        assert stack.call("upload_document", event)[0] == 400


def test_readers_are_set_by_the_owner(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 43: permissions hold from the next request on."""
    start(stack, sample)
    stack.publish()
    status, view = stack.call("set_document_readers", sample("api__set_document_readers"))
    assert (status, view["readers"]) == (200, {"tenant": True, "groups": ["finance"]})
    sidecar = stack.s3.get_object(Bucket=DOCUMENTS, Key=ids.sidecar_key(KEY))["Body"].read()
    assert json.loads(sidecar) == {"metadataAttributes": {"groups": ["*", "finance"]}}
    reader = {"sub": "someone-else", "cognito:groups": "finance"}
    event = as_person(sample("api__set_document_readers"), **reader)
    assert stack.call("set_document_readers", event)[0] == 403
    assert stack.take("maintenance") == [{"document_id": DOCUMENT_ID}]


def test_the_live_version_is_opened_by_a_short_redirect(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 42: nobody sees what they may not read."""
    start(stack, sample)
    assert stack.call("open_document", sample("api__open_document"))[0] == 409
    stack.publish()
    answer = stack.invoke("open_document", sample("api__open_document"))
    location = answer["headers"]["Location"]
    assert answer["statusCode"] == 302
    assert f"versionId={stack.document().version_id}" in location
    assert "response-content-type=application%2Fpdf" in location
    assert "Expires=" in location
    stranger = as_person(sample("api__open_document"), sub="someone-else")
    assert stack.call("open_document", stranger)[0] == 404


def test_a_deleted_document_is_gone_with_the_answer_to_the_request(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 43: permissions hold from the next request on."""
    start(stack, sample)
    stack.publish()
    assert stack.call("delete_document", sample("api__delete_document"))[0] == 204
    assert stack.call("show_document", sample("api__show_document"))[0] == 404
    assert stack.call("open_document", sample("api__open_document"))[0] == 404
    versions = stack.s3.list_object_versions(Bucket=DOCUMENTS)
    assert len(versions["DeleteMarkers"]) == 1
    assert stack.take("maintenance") == [{"document_id": DOCUMENT_ID}]


def test_a_failed_document_is_listed_and_processed_again(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 52: what failed is completed once its cause is gone."""
    start(stack, sample)
    stack.invoke("record_failure", sample("stepfunctions__step_failed"))
    listing = sample("api__list_documents") | {"queryStringParameters": {"status": "FAILED"}}
    status, page = stack.call("list_documents", listing)
    assert (status, [one["document_id"] for one in page["documents"]]) == (200, [DOCUMENT_ID])
    status, view = stack.call("reprocess_document", sample("api__reprocess_document"))
    assert (status, view["status"], view["generation"]) == (202, "RECEIVED", 2)
    assert stack.call("reprocess_document", sample("api__reprocess_document"))[0] == 409
    assert stack.call("show_document", sample("api__show_document"))[1]["place"] == 1
    assert stack.invoke("dispatch_documents", sample("dispatch__tick")) == DONE
    assert f"{DOCUMENT_ID}-2-1" in stack.registry.slots()


def test_a_lost_index_is_made_again_and_its_documents_are_told_of(stack: LifecycleStack, sample: Sample) -> None:
    """Promise 53: a new search domain is noticed within a minute, and filled from what is kept."""
    start(stack, sample)
    stack.registry.record_chunks(stack.running(), 3)
    stack.publish()
    assert stack.invoke("keep_index", sample("schedule__index")) == {}
    configuration = stack.registry.index_configuration()
    assert configuration is not None
    assert (configuration.index, configuration.complete) != ("chunks", True)
    assert stack.domain.exists(configuration.index)
    assert stack.take("maintenance") == [{"document_id": DOCUMENT_ID}]

    assert stack.invoke("keep_index", {"rebuild": True}) == {}
    configuration = stack.registry.index_configuration()
    assert configuration is not None
    assert configuration.next is not None
    assert stack.domain.exists(configuration.next.name)
