"""Text extraction that is told beforehand what it will find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from docqa.errors import DocumentError, ExtractionFailedError, NotYetVisibleError
from docqa.models.page import Page, ReadingMethod
from docqa.models.work import OcrFeatures
from docqa.ports.reading import ExtractedPage


@dataclass
class ScriptedTextExtractor:
    """One job a token; jobs run until `end` is called.

    Attributes:
        texts: Text of each page of the document that is sent, in order; None: the page does not come back.
        with_tables: The document's numbers of pages that show a table; their analysis finds `analysed`.
        started: Keys by client token, in order: what was paid for.
        asked: What each job was asked for, by client token.
        read: How many pages were read, repeated ones too.
        refusal: Why no job can be started; None: they can.
    """

    texts: list[str | None]
    with_tables: frozenset[int] = frozenset()
    analysed: str | None = "| a | table |\n| --- | --- |\n| 1 | 2 |"
    started: dict[str, str] = field(default_factory=dict)
    asked: dict[str, OcrFeatures] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    read: int = 0
    refusal: DocumentError | None = None
    _found: dict[int, str | None] = field(default_factory=dict)

    def start(self, bucket: str, key: str, features: OcrFeatures, token: str, tag: str) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.started.setdefault(token, key)
        self.asked.setdefault(token, features)
        self.states.setdefault(f"job-of-{token}", "RUNNING")
        return f"job-of-{token}"

    def end(self, external_id: str, state: str = "SUCCEEDED") -> None:
        """The job ends."""
        self.states[external_id] = state

    def state(self, external_id: str, features: OcrFeatures) -> str:
        return self.states.get(external_id, "FAILED")

    def pages(
        self, external_id: str, features: OcrFeatures, numbers: Sequence[int], position: str = ""
    ) -> Iterator[ExtractedPage]:
        if self.state(external_id, features) == "RUNNING":
            raise NotYetVisibleError("the text extraction is still running")
        if self.state(external_id, features) == "FAILED":
            raise ExtractionFailedError("Text extraction gave up on the document's scanned pages.")
        for read, number in enumerate(numbers, start=1):
            if read > int(position or 0):
                self.read += 1
                shows_table = features is OcrFeatures.TEXT and number in self.with_tables
                yield ExtractedPage(self._page(number, features), shows_table, str(read))

    def _page(self, number: int, features: OcrFeatures) -> Page:
        if number not in self._found:
            self._found[number] = self.texts[len(self._found)]
        text = self.analysed if features is OcrFeatures.TABLES else self._found[number]
        if text is None:
            return Page(number, "", ReadingMethod.UNREADABLE, "did not come back", confidence=0.0)
        return Page(number, text, ReadingMethod.OCR if text else ReadingMethod.EMPTY, "scripted", 0.9)
