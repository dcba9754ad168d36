"""The stores that many functions share: buckets and the document registry."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from docqa.bootstrap.clients import WORK, Patience, client

if TYPE_CHECKING:
    from docqa.ports.documents import DocumentRegistry
    from docqa.ports.objects import ObjectStore


@cache
def bucket(name: str) -> ObjectStore:
    """Objects of a bucket."""
    from docqa.adapters.s3 import S3ObjectStore

    return S3ObjectStore(client("s3"), name)


@cache
def registry(table: str, patience: Patience = WORK) -> DocumentRegistry:
    """The truth about documents."""
    from docqa.adapters.dynamodb_documents import DocumentsTable, DynamoDBDocumentRegistry

    return DynamoDBDocumentRegistry(DocumentsTable(client("dynamodb", patience), table))
