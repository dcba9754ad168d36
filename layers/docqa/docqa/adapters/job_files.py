"""Where the objects of a job that is answered later lie, below its prefix of WorkBucket."""

from __future__ import annotations

import json
import re
from typing import Any

from docqa.errors import ConfigurationError, NotFoundError
from docqa.ports.objects import ObjectStore

# What a service may be told as the name of a job (transform jobs, Bedrock's tokens), and has room for a part's number.
_TOKEN = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,59}")
# What Bedrock takes as part of an address; SageMaker's asynchronous calls take no more, in a header.
_PLAIN_ADDRESS = re.compile(r"[-!_*'().a-z0-9A-Z]+(/[-!_*'().a-z0-9A-Z]+)*/?")


class JobFiles:
    """Keys of one start of a job, and its small notes.

    Attributes:
        input: Prefix of what the service reads, and of nothing else.
        output: Prefix of what it writes.
    """

    def __init__(self, bucket: ObjectStore, prefix: str, token: str) -> None:
        if not prefix.endswith("/"):
            raise ValueError(f"{prefix!r} must end with a slash: 'a/1' would also hold 'a/10'")
        if not _TOKEN.fullmatch(token):
            raise ValueError(f"{token!r} is no token: 1 to 60 letters, digits and `-`, neither first nor last a `-`")
        self.input = f"{prefix}input/{token}/"
        self.output = f"{prefix}output/{token}/"
        self._notes = f"{prefix}notes/{token}/"
        self._bucket = bucket

    def uri(self, key: str) -> str:
        """`s3://` and so on."""
        return f"s3://{self._bucket.bucket}/{key}"

    def write_input(self, name: str, body: bytes) -> None:
        """Write what the service is to read."""
        self._bucket.write(f"{self.input}{name}", body, "application/json")

    def note(self, name: str) -> Any:
        """What was noted under the name, or None."""
        try:
            return json.loads(self._bucket.read(f"{self._notes}{name}.json"))
        except NotFoundError:
            return None

    def write_note(self, name: str, value: object) -> None:
        """Note something, in place of what was noted before under the name."""
        self._bucket.write(f"{self._notes}{name}.json", json.dumps(value).encode(), "application/json")

    def noted(self) -> frozenset[str]:
        """Under which names there are notes."""
        start = len(self._notes)
        return frozenset(found.key[start:].removesuffix(".json") for found in self._bucket.list_objects(self._notes))

    def forget(self) -> None:
        """Delete what was written for this start so far."""
        self._bucket.delete_prefix(self.input)
        self._bucket.delete_prefix(self._notes)


def key_in(bucket: ObjectStore, uri: str, service: str) -> str:
    """The key that an address names in this bucket.

    Raises:
        ConfigurationError: the address is in another bucket.
    """
    front = f"s3://{bucket.bucket}/"
    if not uri.startswith(front):
        raise ConfigurationError(f"{service} writes its answers to another bucket than WORK_BUCKET")
    return uri.removeprefix(front)


def refuse_odd_address(prefix: str, service: str) -> None:
    """Raise for a prefix that cannot be told to the service.

    Raises:
        ConfigurationError: tenants may have names with blanks or umlauts, the service takes plain letters only.
    """
    if not _PLAIN_ADDRESS.fullmatch(prefix):
        raise ConfigurationError(f"{service} takes only plain letters in addresses, and this tenant's name has others")
