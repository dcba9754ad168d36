"""AWS clients, made once for each process, with timeouts that fit inside a function's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client waits, and how often it tries: botocore retries throttles, faults and timeouts with jitter.

    Attributes:
        connect, read: Seconds, for each attempt.
        attempts: The first one included.
    """

    connect: float
    read: float
    attempts: int

    @property
    def longest(self) -> float:
        """Seconds that one call can take. Before its n-th retry botocore waits at most 2 to the n-1 seconds."""
        pauses = sum(2.0**retry for retry in range(self.attempts - 1))
        return self.attempts * (self.connect + self.read) + pauses


# Work that nobody waits for. Throttles that outlast the attempts become ThrottledError, which the callers' state
# machine or queue retries at its own pace.
WORK = Patience(connect=3, read=25, attempts=3)
# On the way of a question: tables and queues answer in milliseconds, and who asks has seconds.
QUESTION = Patience(connect=1, read=3, attempts=2)


@cache
def client(service: str, patience: Patience = WORK) -> Any:
    """The boto3 client of a service; endpoints come from the standard AWS_ENDPOINT_URL variables."""
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=patience.connect,
        read_timeout=patience.read,
        retries={"mode": "standard", "total_max_attempts": patience.attempts},
        # Textract's and Bedrock's callers run side by side in threads; S3 reads of a span do too.
        max_pool_connections=16,
        # boto3 still presigns for S3 with version 2, which newer regions and KMS-encrypted objects refuse.
        signature_version="s3v4" if service == "s3" else None,
        # The regional address: the global one redirects to it while a bucket is new, and breaks signed forms.
        s3={"addressing_style": "virtual"},
    )
    # The stubs know each service by a literal; here the name is a value.
    create: Any = boto3.client
    return create(service, config=config)
