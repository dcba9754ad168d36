"""AWS clients, made once for each process, with timeouts that fit inside a function's own."""

from __future__ import annotations

from functools import cache
from typing import Any

CONNECT_TIMEOUT_SECONDS = 3
# The longest single answer that is waited for: a chat model over a few passages. Everything else is far quicker.
READ_TIMEOUT_SECONDS = 25
# botocore's own retries with full jitter. Throttles that outlast them become ThrottledError, which the callers'
# state machine or queue retries at its own pace.
MAX_ATTEMPTS = 3


@cache
def client(service: str) -> Any:
    """The boto3 client of a service; endpoints come from the standard AWS_ENDPOINT_URL variables."""
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": MAX_ATTEMPTS},
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
