"""Real documents of which the text is known; they are not part of the repository (`--data FOLDER`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from docqa.models.page import ReadingMethod
from tests.unit.formats.reading import read


@pytest.fixture
def office(request: pytest.FixtureRequest) -> Path:
    folder: Path | None = request.config.getoption("data")
    if folder is None or not (folder / "office").is_dir():
        pytest.skip("real documents: pytest --data FOLDER")
    return folder / "office"


def words(path: Path) -> list[str]:
    pages = read(path.read_bytes(), path.name)
    return " ".join(page.text for page in pages).split()


@pytest.mark.parametrize("suffix", ["doc", "docx", "html", "odt", "xml"])
def test_one_text_is_the_same_in_every_format(office: Path, suffix: str) -> None:
    expected = (office / "language-docs" / "eng_spa_mult.txt").read_text(encoding="utf-8").split()

    found = words(office / "language-docs" / f"eng_spa_mult.{suffix}")

    # XML is read with the names of its elements.
    assert [word for word in found if word != "content:"] == expected


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("fake-email.eml", ["Roses are red", "Violets are blue", "Subject: Test Email"]),
        ("fake-email.msg", ["Roses are red", "Violets are blue", "Subject: Test Email"]),
        ("fake.odt", ["| Leader | Sarah | Mark | Ryan |", "Lorem ipsum dolor sit amet."]),
        ("fake-doc.rtf", ["# My First Heading", "| Row 1, Cell 1 | Row 1, Cell 2 |"]),
        ("fake_table.docx", ["| Header Col 1 | Header Col 2 |", "Dolor sit amet"]),
        ("simple.pptx", ["# Things to think about", "What were you thinking?"]),
        ("vodafone.xlsx", ["| Quarterly revenue | Nine quarters to 30 June 2023 |", "Converged customers"]),
        ("example-list-items-multiple.docx", ["1) This is simply dummy text", "(a) This is simply dummy text"]),
        ("stanley-cups-utf-16.csv", ["| Maple Leafs | TOR | 13 |"]),
    ],
)
def test_what_a_person_reads_in_a_file_is_there(office: Path, name: str, texts: list[str]) -> None:
    whole = "\n".join(page.text for page in read((office / name).read_bytes(), name))

    assert all(text in whole for text in texts)


def test_pages_of_word_are_where_it_saw_them(office: Path) -> None:
    pages = read((office / "page-breaks.docx").read_bytes())

    assert [page.text[:16] for page in pages[1:3]] == ["<<Text on second", "<<but break fall"]
    assert len(pages) == 6


def test_every_mail_ends_with_text(office: Path) -> None:
    for path in sorted((office.parent / "email" / "emails").rglob("*.eml")):
        first, *_ = read(path.read_bytes(), path.name)
        assert first.method is ReadingMethod.TEXT_LAYER, path.name
        assert first.text.strip(), path.name
