"""What a document is called."""

import pytest

from docqa.domain.report_covers import cover_title
from docqa.domain.titles import choose_title

COVER = """UNITED STATES
SECURITIES AND EXCHANGE COMMISSION
FORM 10-Q
☒ QUARTERLY REPORT PURSUANT TO SECTION 13
For the quarterly period ended
June 25, 2022
Kestrel Hill Inc.
(Exact name of Registrant as specified in its charter)
"""


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
        ("", COVER, "acme/KSTL.pdf", "Kestrel Hill Inc. 10-Q, quarter ended June 25, 2022 (KSTL)"),
        ("", "Accession ID: PMC17\n= Kestrel =\nOn the birds of prey\n", "acme/x7.txt", "On the birds of prey (x7)"),
        ("A" * 300, "", "acme/x/minutes of the board.txt", "minutes of the board"),
    ],
)
def test_the_best_name_wins(stated: str, opening: str, key: str, title: str) -> None:
    assert choose_title(stated, opening, key) == title


@pytest.mark.parametrize(
    ("cover", "title"),
    [
        (COVER, "Kestrel Hill Inc. 10-Q, quarter ended June 25, 2022"),
        (COVER.replace("quarterly period", "fiscal year"), "Kestrel Hill Inc. 10-Q, fiscal year ended June 25, 2022"),
        (COVER.replace("For the quarterly period ended", "As of"), "Kestrel Hill Inc. 10-Q"),
        (COVER.replace("Inc.\n", "Inc.\n____\n"), "Kestrel Hill Inc. 10-Q, quarter ended June 25, 2022"),
        (COVER.replace("(Exact name", "(A name"), ""),
        (COVER.replace("FORM 10-Q", "NOTICE"), ""),
    ],
)
def test_a_reports_cover_names_company_form_and_period(cover: str, title: str) -> None:
    assert cover_title(cover) == title
