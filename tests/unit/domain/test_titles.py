"""What a document is called."""

import pytest

from docqa.domain.titles import choose_title


@pytest.mark.parametrize(
    ("stated", "opening", "key", "title"),
    [
        ("Annual Report 2023", "", "acme/x.pdf", "Annual Report 2023"),
        ("  Annual\x00 Report\n2023 ", "", "acme/x.pdf", "Annual Report 2023"),
        ("Microsoft Word - draft7.docx", "", "acme/annual_report-2023.pdf", "annual report 2023"),
        ("0000320193-22-000070", "UNITED STATES", "acme/2022 Q3 AAPL.pdf", "2022 Q3 AAPL"),
        ("untitled", "Page 1 of 3\nAviation Accident Report\n", "acme/2008X1.pdf", "Aviation Accident Report (2008X1)"),
        ("", "and so it went on, as it does.\n", "acme/2008X1.pdf", "2008X1"),
        ("", "", "acme/报告.pdf", "报告"),
        ("", "", "acme/.pdf", ".pdf"),
        ("A" * 300, "", "acme/x/minutes of the board.txt", "minutes of the board"),
    ],
)
def test_the_best_name_wins(stated: str, opening: str, key: str, title: str) -> None:
    assert choose_title(stated, opening, key) == title
