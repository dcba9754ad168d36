from docqa.domain.sentences import sentence_spans

REPORT = """Aviation Accident Final Report
Location: Belen, NM Accident Number: DEN08CA034
Aircraft: Godwin, David P Sorrell SNJ-7 Aircraft Damage: Substantial
Flight Conducted Under: Part 91: General Aviation - Personal
Analysis
According to the pilot's statement, he was landing on runway 21 and the winds were light and
variable. Shortly after touchdown on the runway, he lost directional control and the airplane
ground looped."""
SCANNED_FORM = """Registered Owner:
Mark G. Meehleis
Rated Power:
160 hp"""


def sentences(text: str) -> list[str]:
    return [" ".join(text[span.start : span.end].split()) for span in sentence_spans(text)]


def test_entries_of_a_form_and_headings_do_not_run_into_the_prose() -> None:
    """Promise 40: a quote is a sentence, not the whole head of a report."""
    assert sentences(REPORT) == [
        "Aviation Accident Final Report",
        "Location: Belen, NM Accident Number: DEN08CA034",
        "Aircraft: Godwin, David P Sorrell SNJ-7 Aircraft Damage: Substantial",
        "Flight Conducted Under: Part 91: General Aviation - Personal",
        "Analysis",
        "According to the pilot's statement, he was landing on runway 21 and the winds were light and variable.",
        "Shortly after touchdown on the runway, he lost directional control and the airplane ground looped.",
    ]


def test_a_name_keeps_the_value_that_stands_on_the_next_line() -> None:
    assert sentences(SCANNED_FORM) == ["Registered Owner: Mark G. Meehleis", "Rated Power: 160 hp"]


def test_a_wrapped_line_goes_on_though_the_next_one_begins_with_a_capital() -> None:
    text = "The airplane was operated by the Airclub and based at the airport of\nLatrobe. It was sold."
    assert sentences(text) == [
        "The airplane was operated by the Airclub and based at the airport of Latrobe.",
        "It was sold.",
    ]
