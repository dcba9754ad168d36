"""Text extraction that is told beforehand what it will find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from docqa.errors import ExtractionFailedError, NotYetVisibleError
from docqa.models.page import Page, ReadingMethod


@dataclass
class ScriptedTextExtractor:
    """One job a token; jobs run until `end` is called.

    Attributes:
        texts: Text of each page that is sent; None: the page does not come back.
        started: Keys by client token, in order: what was paid for.
    """

    texts: list[str | None]
    started: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    def start(self, bucket: str, key: str, token: str, tag: str) -> str:
        self.started.setdefault(token, key)
        self.states.setdefault(f"job-of-{token}", "RUNNING")
        return f"job-of-{token}"

    def end(self, external_id: str, state: str = "SUCCEEDED") -> None:
        """The job ends."""
        self.states[external_id] = state

    def state(self, external_id: str) -> str:
        return self.states.get(external_id, "FAILED")

    def pages(self, external_id: str) -> Iterator[Page]:
        if self.state(external_id) == "RUNNING":
            raise NotYetVisibleError("the text extraction is still running")
        if self.state(external_id) == "FAILED":
            raise ExtractionFailedError("Text extraction gave up on the document's scanned pages.")
        for number, text in enumerate(self.texts, start=1):
            if text is not None:
                method = ReadingMethod.OCR if text else ReadingMethod.EMPTY
                yield Page(number, text, method, "scripted", 0.9)
