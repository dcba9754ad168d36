"""Names of resources in the emulator's one account and region, and addresses of objects."""

from __future__ import annotations

import re

REGION = "us-east-1"
ACCOUNT = "000000000000"
_S3_URI = re.compile(r"s3://([^/]+)/?(.*)", re.DOTALL)


def arn(service: str, resource: str) -> str:
    """Such as arn:aws:sagemaker:us-east-1:000000000000:model/bge."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def bucket_and_key(uri: str) -> tuple[str, str] | None:
    """The two parts of s3://bucket/key; None: it is no such address."""
    found = _S3_URI.fullmatch(uri)
    return (found[1], found[2]) if found else None
