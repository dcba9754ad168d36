"""Steps of answer_batch over one part: look for answers, and make them."""

from __future__ import annotations

from pydantic import Field

from docqa.bootstrap import batches
from docqa.bootstrap.answering import AnsweringSettings
from docqa.config import load_settings
from docqa.models.batch_work import AnswerProgress, AnswerWork, BatchStep
from docqa.runtime.logging import logger
from docqa.runtime.step import step


class AnswerBatchSettings(AnsweringSettings):
    """Everything that answering needs, and where the parts are."""

    work_bucket: str
    chat_by_jobs: bool = Field(description="There are other ways to the chat model than real time.")
    batch_concurrency: int = Field(ge=1, description="Parts that are worked on at the same time.")


settings = load_settings(AnswerBatchSettings)
finding = batches.find_for_batch(settings, settings.work_bucket, by_jobs=settings.chat_by_jobs)
turns = batches.part_turns(settings.questions_table, settings.batch_concurrency)
concluding = batches.conclude_batch(settings, settings.work_bucket)


@step
def handler(work: AnswerWork) -> AnswerProgress:
    """Take one step, if it is the part's turn."""
    logger.append_keys(batch_id=work.batch_id, part=work.part)
    with turns.turn(work.batch_id, work.part, work.waited) as wait:
        if wait:
            return AnswerProgress(done=False, wait_seconds=wait)
        match work.step:
            case BatchStep.FIND:
                return AnswerProgress(done=finding.run(work.batch_id, work.part))
            case BatchStep.CONCLUDE:
                return AnswerProgress(done=concluding.run(work.batch_id, work.part))
            case _:
                raise ValueError(f"{work.step} is a step of another function")
