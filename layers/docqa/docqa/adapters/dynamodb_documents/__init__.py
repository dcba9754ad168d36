"""The document registry in DynamoDB: one table, `document_id` and `item`, with the indexes `by_tenant` and `by_turn`.

| document_id | item | what it is |
|---|---|---|
| id of a document | `document` | the truth about what answers and for whom (`models.document.Document`) |
| id of a document | `generation#000001` | one admitted version (`models.document.Generation`), its artefacts and work |
| `artifact#<prefix>` | `artifact` | who uses shared artefacts |
| `admission` | `slots` | names of the executions that hold a place |
| `configuration` | `index` | the active index and its embedding model |
| `sweep` | name of a sweep | where its last run stopped |

`by_tenant` (`tenant`, `updated_at`) holds documents and their status; `by_turn` (`work_state`, `work_order`) only
generations that wait or run (see `lines`). The items themselves are always read from the table, strongly consistent.
"""

from __future__ import annotations

from docqa.adapters.dynamodb_documents.admission import AdmissionWrites
from docqa.adapters.dynamodb_documents.artifacts import ArtifactItems
from docqa.adapters.dynamodb_documents.progress import ProgressWrites
from docqa.adapters.dynamodb_documents.state import StateItems
from docqa.adapters.dynamodb_documents.table import DocumentsTable


class DynamoDBDocumentRegistry(AdmissionWrites, ProgressWrites, ArtifactItems, StateItems):
    """`ports.DocumentRegistry` over one table."""


__all__ = ["DocumentsTable", "DynamoDBDocumentRegistry"]
