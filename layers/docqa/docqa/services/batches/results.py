"""Results of a batch as files, as far as their reader may read them now."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from dataclasses import dataclass

from docqa.ids import content_id
from docqa.models.access import Principal
from docqa.models.answer import AnswerStatus
from docqa.models.batch import Batch, BatchAnswer, BatchResult
from docqa.ports.objects import ObjectStore
from docqa.services.batches.concluding import counted
from docqa.services.batches.files import (
    JSON_LINES,
    SPILL_BYTES,
    answers_key,
    batch_prefix,
    part_answers_key,
    read_lines,
    sources_key,
    write_lines,
)
from docqa.services.batches.report import MOST_ROWS, report_page
from docqa.services.batches.tables import COLUMNS, row_of
from docqa.services.recorded_answers import AnswerReader, withheld

# Names of the files, and what they are.
RESULTS, TABLE, REPORT = "results.jsonl", "results.csv", "report.html"
MEDIA_TYPES = {RESULTS: JSON_LINES, TABLE: "text/csv; charset=utf-8", REPORT: "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class BatchResults:
    """Puts a batch's answers together, and writes them for whoever reads them."""

    reader: AnswerReader
    work: ObjectStore

    def put_together(self, batch: Batch) -> None:
        """All parts in one file, in the order of the questions, with the versions that they rest on beside it."""
        sources: set[str] = set()

        def every() -> Iterator[BatchAnswer]:
            for part in range(batch.parts):
                for answer in read_lines(self.work, part_answers_key(batch, part), BatchAnswer):
                    sources.update(answer.sources)
                    yield answer

        write_lines(self.work, answers_key(batch), every())
        self.work.write(sources_key(batch), json.dumps(sorted(sources)).encode(), "application/json")

    def answers(self, batch: Batch) -> Iterator[BatchAnswer]:
        """All answers in order, as they were recorded."""
        return read_lines(self.work, answers_key(batch), BatchAnswer)

    def prefix_for(self, batch: Batch, reader: Principal) -> str:
        """Where the files are that this reader may have now: made, unless they were made before.

        An answer that rests on what is replaced, gone or closed to the reader by now is withheld, as when it is read
        by itself.
        """
        closed = self._closed(batch, reader)
        prefix = f"{batch_prefix(batch)}results/{content_id('withheld', *sorted(closed))}/"
        if not self.work.exists(prefix + REPORT):
            self._write(batch, prefix, closed)
        return prefix

    def _closed(self, batch: Batch, reader: Principal) -> frozenset[str]:
        """Versions that answers rest on and that do not answer this reader any more."""
        sources: list[str] = json.loads(self.work.read(sources_key(batch)))
        versions = {source: source.rsplit(":", 1) for source in sources}
        documents = self.reader.open_documents({document_id for document_id, _ in versions.values()}, reader)
        return frozenset(
            source
            for source, (document_id, generation) in versions.items()
            if not documents.answers(document_id, int(generation))
        )

    def _write(self, batch: Batch, prefix: str, closed: AbstractSet[str]) -> None:
        """The report last: where it is, the others are."""
        first: list[BatchAnswer] = []
        reasons: Counter[str] = Counter()
        with ExitStack() as files:
            lines, table = (
                files.enter_context(tempfile.SpooledTemporaryFile(max_size=SPILL_BYTES)) for _ in (RESULTS, TABLE)
            )
            # With a byte order mark, by which spreadsheets know the encoding.
            cells = io.TextIOWrapper(table, "utf-8-sig", newline="", write_through=True)
            writer = csv.writer(cells)
            writer.writerow(COLUMNS)

            def every() -> Iterator[BatchAnswer]:
                for one in self._open_part(batch, closed):
                    result = BatchResult(line=one.number, **dict(one.answer))
                    lines.write(result.model_dump_json().encode() + b"\n")
                    writer.writerow(row_of(one.number, one.answer))
                    if len(first) < MOST_ROWS:
                        first.append(one)
                    if one.answer.status is not AnswerStatus.ANSWERED:
                        reasons[one.answer.reason or ""] += 1
                    yield one

            counts = counted(every())
            cells.detach()
            for name, file in ((RESULTS, lines), (TABLE, table)):
                file.seek(0)
                self.work.write(prefix + name, file, MEDIA_TYPES[name])
        page = report_page(batch, counts, reasons.most_common(20), first)
        self.work.write(prefix + REPORT, page.encode(), MEDIA_TYPES[REPORT])

    def _open_part(self, batch: Batch, closed: AbstractSet[str]) -> Iterable[BatchAnswer]:
        for one in self.answers(batch):
            is_open = closed.isdisjoint(one.sources)
            yield one if is_open else one.model_copy(update={"answer": withheld(one.answer), "sources": ()})
