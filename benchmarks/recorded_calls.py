"""Every AWS call that the functions make during a measurement, as the emulator's own trail records it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from cli.stack import Stack

SETTING = "cloudtrail._recording_enabled"
# The emulator's LookupEvents has no paging: at most this many, the newest first.
PAGE = 50


@contextmanager
def recorded_calls(stack: Stack) -> Iterator[Counter[str]]:
    """Counts by `service:Operation` of the calls between begin and end; this process's own calls are left out."""
    calls: Counter[str] = Counter()
    began = time.time()
    _record(stack, on=True)
    try:
        yield calls
    finally:
        _record(stack, on=False)
    for event in _events(stack, began):
        if stack.credentials is None or event["AccessKeyId"] != stack.credentials.access_key_id:
            calls[f"{event['EventSource'].split('.')[0]}:{event['EventName']}"] += 1


def _record(stack: Stack, *, on: bool) -> None:
    httpx.post(f"{stack.endpoint_url}/_ministack/config", json={SETTING: on}, trust_env=False).raise_for_status()


def _events(stack: Stack, since: float) -> Iterator[dict[str, Any]]:
    """From the newest to the oldest."""
    seen: set[str] = set()
    until = time.time()
    while True:
        page = [event for event in _lookup(stack, since, until) if event["EventId"] not in seen]
        if not page:
            return
        yield from page
        seen |= {event["EventId"] for event in page}
        until = min(event["EventTime"] for event in page)


def _lookup(stack: Stack, since: float, until: float) -> list[dict[str, Any]]:
    """One page. Signed by hand, because boto3 sends whole seconds only."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    body = json.dumps({"StartTime": since, "EndTime": until, "MaxResults": PAGE})
    target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    request = AWSRequest("POST", f"{stack.endpoint_url}/", headers=headers, data=body)
    credentials = stack.session().get_credentials()
    assert credentials is not None
    SigV4Auth(credentials, "cloudtrail", stack.region).add_auth(request)
    response = httpx.post(
        f"{stack.endpoint_url}/", content=body, headers=dict(request.headers.items()), trust_env=False
    )
    response.raise_for_status()
    events: list[dict[str, Any]] = response.json()["Events"]
    return events
