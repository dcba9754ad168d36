"""The deployed stack as tests use it: people who sign in, files that are dropped, questions that are asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from cli.session import sign_in
from cli.stack import Stack
from devstack.settings import DevstackSettings
from docqa import ids

PASSWORD = "Correct-horse-7-battery"
ENDED = {"INDEXED", "PARTIALLY_INDEXED", "FAILED", "DELETED", "EXPIRED"}
# Generous, because the bound only keeps a broken run from hanging.
WAIT_SECONDS = 240.0

Found = TypeVar("Found")


@dataclass(frozen=True)
class Person:
    """A signed-in member of a tenant."""

    tenant: str
    http: httpx.Client

    def ask(self, question: str, **more: Any) -> dict[str, Any]:
        """The answer over HTTP; the worker's, where this machine has too much to do to answer in time."""
        response = self.http.post("/questions", json={"question": question, **more})
        if response.status_code == 202:
            place = response.headers["Location"]
            response = eventually(lambda: self._ready(place), f"{place} is there")
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def _ready(self, place: str) -> httpx.Response | None:
        response = self.http.get(place)
        return response if response.status_code != 202 else None

    def show(self, document_id: str) -> httpx.Response:
        """The document, as far as this person may see it."""
        return self.http.get(f"/documents/{document_id}")


@dataclass
class Cloud:
    """One deployed stack."""

    stack: Stack
    settings: DevstackSettings
    people: dict[str, Person] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """A client of the account's root."""
        return self.stack.client(service)

    def person(self, name: str, tenant: str, *groups: str) -> Person:
        """Make somebody and sign them in; the same one the next time."""
        if name not in self.people:
            self._create(name, tenant, groups)
            session = sign_in(self.stack, f"{name}@example.com", PASSWORD, _nothing_to_ask)
            client = httpx.Client(
                base_url=self.stack.api_url, headers={"Authorization": session.id_token}, timeout=60, trust_env=False
            )
            self.people[name] = Person(tenant, client)
        return self.people[name]

    def close(self) -> None:
        """End everybody's connections."""
        for person in self.people.values():
            person.http.close()

    def _create(self, name: str, tenant: str, groups: tuple[str, ...]) -> None:
        cognito, pool, user = self.client("cognito-idp"), self.stack.output("UserPoolId"), f"{name}@example.com"
        attributes = {"email": user, "email_verified": "true", "custom:tenant": tenant}
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=user,
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
            MessageAction="SUPPRESS",
            TemporaryPassword=PASSWORD,
        )
        cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=PASSWORD, Permanent=True)
        for group in groups:
            if group not in {one["GroupName"] for one in cognito.list_groups(UserPoolId=pool)["Groups"]}:
                cognito.create_group(UserPoolId=pool, GroupName=group)
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=user, GroupName=group)

    # --- documents

    @property
    def bucket(self) -> str:
        """Name of the documents bucket."""
        return self.stack.output("DocumentsBucketName")

    def drop(self, key: str, body: bytes, groups: list[str] | None = None) -> str:
        """Put a file, after its sidecar when groups are given; the document's id."""
        s3 = self.client("s3")
        if groups is not None:
            sidecar = {"metadataAttributes": {"groups": groups}}
            s3.put_object(Bucket=self.bucket, Key=ids.sidecar_key(key), Body=json.dumps(sidecar).encode())
        s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return ids.document_id(self.bucket, key)

    def item(self, document_id: str) -> dict[str, Any] | None:
        """The registry's item of a document: the truth, whoever may see it."""
        found = self.client("dynamodb").get_item(
            TableName=self.stack.output("DocumentsTableName"),
            Key={"document_id": {"S": document_id}, "item": {"S": "document"}},
            ConsistentRead=True,
        )
        item: dict[str, Any] | None = found.get("Item")
        return item

    def wait_for_end(self, document_id: str, generation: int = 1) -> str:
        """The status in which a generation ended."""

        def ended() -> str | None:
            item = self.item(document_id)
            if item is None or int(item["latest_generation"]["N"]) < generation:
                return None
            status = str(item["status"]["S"])
            return status if status in ENDED else None

        return eventually(ended, f"document {document_id} ends")

    def pages(self, tenant: str, document_id: str, generation: int = 1) -> dict[int, str]:
        """Text of each page, as ingestion read it."""
        key = f"{tenant}/documents/{document_id}/{generation}/pages.jsonl"
        body = self.client("s3").get_object(Bucket=self.stack.output("WorkBucketName"), Key=key)["Body"].read()
        pages = (json.loads(line) for line in body.splitlines())
        return {page["number"]: page["text"] for page in pages}

    # --- the queue

    def send(self, body: str) -> None:
        """One message into the questions queue."""
        self.client("sqs").send_message(QueueUrl=self.stack.output("QuestionsQueueUrl"), MessageBody=body)

    def replies(self, count: int) -> list[dict[str, Any]]:
        """So many messages from the answers queue."""
        sqs, queue = self.client("sqs"), self.stack.output("AnswersQueueUrl")
        found: list[dict[str, Any]] = []

        def enough() -> bool:
            received = sqs.receive_message(
                QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageAttributeNames=["All"]
            )
            for message in received.get("Messages", []):
                found.append(message)
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            return len(found) >= count

        eventually(enough, f"{count} replies come")
        return found

    # --- permissions

    @contextmanager
    def without(self, function: str, action: str) -> Iterator[None]:
        """Take the statements that allow an action away from a function's role, for a while."""
        iam, role = self.client("iam"), self._role(function)
        changed = {}
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            policy = json.loads(policy) if isinstance(policy, str) else policy
            kept = [one for one in policy["Statement"] if action not in _actions(one)]
            if len(kept) < len(policy["Statement"]):
                changed[name] = policy
                if kept:
                    rest = json.dumps({**policy, "Statement": kept})
                    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=rest)
                else:
                    iam.delete_role_policy(RoleName=role, PolicyName=name)
        assert changed, f"{function} has no statement for {action}"
        try:
            yield
        finally:
            for name, policy in changed.items():
                iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))

    def _role(self, function: str) -> str:
        resources = self.client("cloudformation").describe_stack_resources(StackName=self.stack.name)["StackResources"]
        by_name = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}
        return str(by_name[f"{function}Role"])


def eventually(look: Callable[[], Found | None], what: str, seconds: float = WAIT_SECONDS) -> Found:
    """What a look finds in the end."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


def _actions(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions


def _nothing_to_ask(question: str) -> str:
    raise AssertionError(question)
