"""By schedule: questions whose worker was killed, or never run, come to an end that whoever asked is told."""

from __future__ import annotations

from dataclasses import asdict

from docqa.bootstrap import channels
from docqa.config import load_settings
from docqa.models.notices import Tick
from docqa.runtime.logging import logger
from docqa.runtime.step import step


class SettleQuestionsSettings(channels.DeliverySettings):
    """Questions, what is registered, and whom to tell."""


settings = load_settings(SettleQuestionsSettings)
service = channels.lost_questions(settings)


@step
def handler(_: Tick) -> None:
    """Settle what is due."""
    logger.info("settled", extra={"counts": asdict(service.settle())})
