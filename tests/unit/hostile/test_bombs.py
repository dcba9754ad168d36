"""Files made to exhaust whoever reads them end in bounded time and memory, with words for their owner."""

from __future__ import annotations

import re

import pytest

from docqa.adapters.sandbox import Nursery
from docqa.errors import DocumentError, DocumentTooLargeError, MalformedDocumentError, ParsingLimitError
from tests.fakes.bombs import BOMBS
from tests.unit.hostile.reading import SMALL, outcome, read

# What these must be refused for; the others may be read, as far as they go.
REFUSED: dict[str, type[DocumentError] | tuple[type[DocumentError], ...]] = {
    "docx_that_unpacks_to_much": ParsingLimitError,
    "docx_of_many_parts": ParsingLimitError,
    "docx_whose_members_overlap": ParsingLimitError,
    "epub_flood_of_chapters": ParsingLimitError,
    # PDFium ends its process where it is refused memory: which limit is met first depends on what else is done.
    "pdf_flood_of_characters": (ParsingLimitError, DocumentTooLargeError, MalformedDocumentError),
    "pdf_forms_within_forms": ParsingLimitError,
    "png_giant": (ParsingLimitError, DocumentTooLargeError),
    "html_elements_within_elements": (MalformedDocumentError, ParsingLimitError),
    "rtf_groups_within_groups": (MalformedDocumentError, ParsingLimitError),
}
# "ha" ten thousand times or more: somebody expanded the entities.
LAUGHTER = re.compile("(ha){10000}")


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_within_its_limits(name: str, nursery: Nursery) -> None:
    """Promise 46: looping PDFs, stacked compression, floods, entities, giant images: a stated failure, or its pages."""
    # when
    ended = outcome(BOMBS[name].make(), BOMBS[name].file_name, nursery)
    # then
    if name in REFUSED:
        assert isinstance(ended, REFUSED[name]), "no reader could finish it"
    if isinstance(ended, DocumentError):
        assert re.search(r"[a-z].*\. [A-Z].*\.$", str(ended)), "what is wrong, and what to do"
        assert "reader for this type of file stumbled" not in str(ended)
    else:
        assert ended.grown_bytes <= SMALL.memory_bytes
        assert len(ended.text) <= SMALL.max_total_characters
        assert not LAUGHTER.search(ended.text)
        assert not any(usage.cpu_seconds > SMALL.cpu_seconds for usage in ended.usages)


def test_every_bomb_that_is_to_be_refused_is_there() -> None:
    assert set(REFUSED) <= set(BOMBS)


def test_the_next_file_is_read_as_if_nothing_had_been(nursery: Nursery) -> None:
    """Promise 21: a poison document does not slow the others."""
    outcome(BOMBS["pdf_forms_within_forms"].make(), "a.pdf", nursery)
    assert read(b"# A title\n\nwords\n", "a.md", nursery).text == "# A title\n\nwords"
