"""GET /batches/{batch_id}."""

from __future__ import annotations

from pydantic import BaseModel, Field

from docqa.bootstrap import batches
from docqa.config import Settings, load_settings
from docqa.runtime.http import Request, Response, endpoint
from docqa.runtime.logging import logger


class ShowBatchSettings(Settings):
    """Where batches and their files are kept, what says which answers may still be read, and what answers them."""

    questions_table: str
    documents_table: str
    work_bucket: str
    inbox_bucket: str
    batch_state_machine_arn: str
    open_batches: int = Field(ge=1, description="Of a tenant, under way at the same time.")
    admin_group: str = ""


settings = load_settings(ShowBatchSettings)
service = batches.show_batch(
    settings.questions_table,
    settings.documents_table,
    settings.work_bucket,
    settings.inbox_bucket,
    settings.batch_state_machine_arn,
    settings.open_batches,
    settings.admin_group,
)


@endpoint()
def handler(request: Request[BaseModel]) -> Response:
    """200 with how far it is, and with addresses of its results once it is done."""
    batch_id = request.path["batch_id"]
    logger.append_keys(batch_id=batch_id)
    return Response(200, service.show(request.principal, batch_id))
