"""Steps of answer_batch over the whole batch: split, wait for replies, put together, record why it failed."""

from __future__ import annotations

from pydantic import Field

from docqa.bootstrap import batches
from docqa.config import load_settings
from docqa.models.batch import Batch
from docqa.models.batch_work import ArrangeWork, BatchStep, Splitting
from docqa.runtime.logging import logger
from docqa.runtime.step import step


class ArrangeBatchSettings(batches.ArrangeSettings):
    """Where batches and their files are, how large they may be, what is registered, jobs, and whom to tell."""

    questions_table: str
    channels_table: str
    documents_table: str
    jobs_table: str
    inbox_bucket: str
    work_bucket: str
    inference_queue_url: str
    event_bus_name: str
    max_batch_questions: int = Field(ge=1)
    max_batch_bytes: int = Field(ge=1)


settings = load_settings(ArrangeBatchSettings)
splitting = batches.split_batch(
    settings.questions_table,
    settings.inbox_bucket,
    settings.work_bucket,
    settings.max_batch_questions,
    settings.max_batch_bytes,
)
replies = batches.request_replies(
    settings.questions_table, settings.jobs_table, settings.work_bucket, settings.inference_queue_url, settings
)
ending = batches.end_batch(
    settings.questions_table,
    settings.channels_table,
    settings.documents_table,
    settings.inbox_bucket,
    settings.work_bucket,
    settings.event_bus_name,
)


@step
def handler(work: ArrangeWork) -> Splitting | None:
    """Take one step."""
    logger.append_keys(batch_id=work.batch_id)
    match work.step:
        case BatchStep.SPLIT:
            return splitting.run(work.batch_id)
        case BatchStep.REQUEST:
            choice = replies.run(work.batch_id, work.task_token)
            logger.info("way chosen", extra={"route": choice.route.value, "reason": choice.reason})
        case BatchStep.FINISH:
            _tell(ending.finish(work.batch_id))
        case BatchStep.FAIL:
            _tell(ending.fail(work.batch_id, work.execution, work.error, work.cause))
        case _:
            raise ValueError(f"{work.step} is a step of another function")
    return None


def _tell(batch: Batch) -> None:
    counts = batch.counts
    ends = {"answered": counts.answered, "abstained": counts.abstained, "failed": counts.failed, "usd": counts.usd}
    code = batch.failure.code if batch.failure else None
    logger.info("batch ended", extra={"status": batch.status.value, "error": code, **ends})
