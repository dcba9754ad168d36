"""By schedule: the index is compared with the registry, filled where it lacks something, and switched over."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from docqa.bootstrap import search_index
from docqa.config import Settings, load_settings
from docqa.errors import RetryableError
from docqa.runtime.logging import logger
from docqa.runtime.step import step

# The schedule's next run goes on; what is begun at the end of this takes seconds.
RUN_SECONDS = 45.0


class KeepIndexSettings(Settings):
    """The registry, the search domain, and who fills."""

    documents_table: str
    opensearch_endpoint: str
    maintenance_queue_url: str


class KeepIndexRequest(BaseModel):
    """What the schedule, or an operator, asks for.

    Attributes:
        rebuild: Fill a new index with the same model, and let it take over.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rebuild: bool = False


settings = load_settings(KeepIndexSettings)
service = search_index.keep_index(
    settings.documents_table, settings.opensearch_endpoint, settings.maintenance_queue_url
)


@step
def handler(request: KeepIndexRequest) -> None:
    """Go on with what there is to do."""
    try:
        configuration = service.run(RUN_SECONDS, rebuild=request.rebuild)
    except RetryableError as error:
        if request.rebuild:
            raise
        logger.warning("not now: the next minute's run goes on", extra={"error": type(error).__name__})
        return
    if configuration is not None:
        progress: dict[str, Any] = {"index": configuration.index, "complete": configuration.complete}
        if configuration.next is not None:
            progress["next"] = configuration.next.name
        if configuration.walk is not None:
            progress |= {"seen": configuration.walk.seen, "lacking": configuration.walk.lacking}
        logger.info("index kept", extra=progress)
