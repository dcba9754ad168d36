"""Another embedding model takes over on the deployed stack, while somebody asks.

Last by its name: the stack goes on with the other model.
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from devstack import deploy
from docqa.services.index_keeping import SETTLING_SECONDS
from tests.e2e.stack.cloud import Cloud, Person, eventually
from tests.fakes.pdfs import text_pdf

NEXT_MODEL = "cohere.embed-multilingual-v3"
TYPED = (
    "Accident report of the glider Kestrel. On 3 June 2021 the glider Kestrel landed short of Lasham aerodrome. "
    "The left wing struck a hedge and was torn off at the root. The pilot, Tomas Rehn, was not hurt."
)
QUESTION = "What did the left wing of the glider Kestrel strike?"


class Asker:
    """Asks the same question again and again."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.answers: list[dict[str, Any]] = []
        self.failures: list[str] = []
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        while not self.stopped.is_set():
            response = self.person.http.post("/questions", json={"question": QUESTION})
            if response.status_code == 200:
                self.answers.append(response.json())
            else:
                self.failures.append(response.text)
            time.sleep(0.2)


def configuration(cloud: Cloud) -> dict[str, Any]:
    """The item that names the index and its model."""
    found = cloud.client("dynamodb").get_item(
        TableName=cloud.stack.output("DocumentsTableName"),
        Key={"document_id": {"S": "configuration"}, "item": {"S": "index"}},
        ConsistentRead=True,
    )
    item: dict[str, Any] = found["Item"]
    return item


def let_it_settle(cloud: Cloud) -> None:
    """Date the coming index back: the time that publications are given to see it is over at once, as none runs here."""
    cloud.client("dynamodb").update_item(
        TableName=cloud.stack.output("DocumentsTableName"),
        Key={"document_id": {"S": "configuration"}, "item": {"S": "index"}},
        UpdateExpression="SET next_since = next_since - :settled",
        ConditionExpression="next_since > :settled",
        ExpressionAttributeValues={":settled": {"N": str(SETTLING_SECONDS)}},
    )


def keep_index(cloud: Cloud) -> None:
    """What the schedule does every minute."""
    answer = cloud.client("lambda").invoke(FunctionName=cloud.stack.output("KeepIndexFunctionName"), Payload=b"{}")
    assert "FunctionError" not in answer, json.loads(answer["Payload"].read())


def test_a_new_embedding_model_takes_over_under_live_questions(cloud: Cloud, ann: Person) -> None:
    """Promises 6, 28: no failed and no empty answer during the switch, with the permissions that the template gives."""
    document_id = cloud.drop("acme/reports/kestrel.pdf", text_pdf([TYPED]), ["staff"])
    assert cloud.wait_for_end(document_id) == "INDEXED"
    before = configuration(cloud)["index"]["S"]
    parameters = {"QuestionsQueueTenant": "acme", "QuestionsQueueGroups": "staff"}
    coming = {"NextEmbeddingModel": NEXT_MODEL, "NextEmbeddingDimensions": "384"}
    deploy.deploy(cloud.settings, "docqa-e2e", parameters | coming)
    let_it_settle(cloud)
    asker = Asker(ann)
    asker.thread.start()
    try:

        def switched() -> bool:
            keep_index(cloud)
            return bool(configuration(cloud)["embedding_model"]["S"] == NEXT_MODEL)

        eventually(switched, "the next model takes over")
        since = len(asker.answers)
        eventually(lambda: len(asker.answers) > since + 10, "questions go on")
    finally:
        asker.stopped.set()
        asker.thread.join()

    assert configuration(cloud)["index"]["S"] != before
    assert asker.failures == []
    assert {answer["status"] for answer in asker.answers} == {"answered"}
    assert all("hedge" in answer["text"] + str(answer["citations"]) for answer in asker.answers)
    late = cloud.drop("acme/reports/kestrel.pdf", text_pdf([TYPED.replace("hedge", "stone wall")]), ["staff"])
    assert cloud.wait_for_end(late, generation=2) == "INDEXED"
    assert "stone wall" in str(ann.ask(QUESTION))
