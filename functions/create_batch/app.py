"""POST /batches."""

from __future__ import annotations

from pydantic import Field

from docqa.bootstrap import batches
from docqa.config import Settings, load_settings
from docqa.errors import InvalidRequestError
from docqa.models.batch_api import BatchRequest
from docqa.runtime.http import Request, Response, endpoint
from docqa.runtime.logging import logger

LONGEST_KEY = 256


class CreateBatchSettings(Settings):
    """Where batches are kept, what answers them, and how many and how large they may be."""

    questions_table: str
    work_bucket: str
    inbox_bucket: str
    batch_state_machine_arn: str
    max_batch_bytes: int = Field(ge=1)
    batch_within_seconds: float = Field(gt=0)
    open_batches: int = Field(ge=1, description="Of a tenant, under way at the same time.")


settings = load_settings(CreateBatchSettings)
service = batches.submit_batch(
    settings.questions_table,
    settings.work_bucket,
    settings.inbox_bucket,
    settings.batch_state_machine_arn,
    settings.max_batch_bytes,
    settings.batch_within_seconds,
    settings.open_batches,
)


@endpoint(body=BatchRequest)
def handler(request: Request[BatchRequest]) -> Response:
    """202: it is being answered. 201: a form for its file."""
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise InvalidRequestError(f"Idempotency-Key must have 1 to {LONGEST_KEY} characters.")
    batch = service.submit(request.principal, request.body, key)
    logger.append_keys(batch_id=batch.batch_id)
    return Response(201 if batch.upload else 202, batch, {"Location": f"/batches/{batch.batch_id}"})
