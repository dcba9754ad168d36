import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from cli.output import plain
from tests.fakes.http_api import DOCUMENT_ID, FakeHttpApi, answer_body, document_view
from tests.unit.cli.conftest import Docqa

HOSTILE = "[bold red]x[/] \x1b]0;owned\x07\x1b[2J[link=https://evil.test]y[/link] \u202egnp.exe :smile:"


def test_a_hostile_quote_is_shown_and_never_obeyed(docqa: Docqa, service: FakeHttpApi) -> None:
    """Promise 50: markup, escape sequences and reordering characters of a document do nothing to the terminal."""
    citation = answer_body()["citations"][0] | {"quote": HOSTILE, "title": HOSTILE}
    service.answers = [(200, answer_body(text=HOSTILE, citations=[citation]))]

    shown = docqa("ask", "What?").stdout

    assert not [one for one in shown if unicodedata.category(one) in {"Cc", "Cf"} and one != "\n"]
    assert "[bold red]x[/]" in shown
    assert ":smile:" in shown


def test_a_hostile_name_does_nothing_in_lists_and_messages(docqa: Docqa, service: FakeHttpApi) -> None:
    """Promise 50: the same for document names, failures and problem documents."""
    failure = {"code": "MalformedDocumentError", "message": HOSTILE}
    service.documents[DOCUMENT_ID] = [document_view(key=f"acme/{HOSTILE}", title=HOSTILE, failure=failure)]
    service.refusals["GET /documents/f"] = (
        404,
        json.dumps({"title": HOSTILE, "status": 404, "detail": HOSTILE}).encode(),
    )

    shown = docqa("documents").stdout + docqa("show", DOCUMENT_ID).stdout + docqa("show", "f").stderr

    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_json_holds_the_text_as_it_is_in_characters_no_terminal_obeys(docqa: Docqa, service: FakeHttpApi) -> None:
    """Promise 50: programs get the exact text, terminals only ASCII."""
    service.answers = [(200, answer_body(text=HOSTILE))]

    printed = docqa("ask", "What?", "--json").stdout

    assert json.loads(printed)["text"] == HOSTILE
    assert printed.isascii()
    assert "\x1b" not in printed


def test_with_json_an_error_is_json_too(docqa: Docqa, service: FakeHttpApi) -> None:
    unknown = docqa("show", DOCUMENT_ID, "--json")
    unusable = docqa("watch", "--since", "soon", "--json")

    assert json.loads(unknown.stderr) == {"error": "Not found: There is no such thing.", "exit_code": 5}
    assert (unknown.exit_code, unusable.exit_code) == (5, 2)
    assert json.loads(unusable.stderr)["exit_code"] == 2
    assert "--since" in json.loads(unusable.stderr)["error"]
    assert docqa("show", DOCUMENT_ID).stderr == "Not found: There is no such thing.\n"
    assert "Invalid value" in docqa("watch", "--since", "soon").stderr


def test_a_question_about_json_is_no_option(docqa: Docqa, service: FakeHttpApi) -> None:
    service.refusals["POST /questions"] = (404, b'{"title": "Gone", "status": 404, "detail": "No."}')

    assert docqa("ask", "--", "--json").stderr == "Gone: No.\n"


@given(st.text())
def test_plain_text_has_nothing_that_a_terminal_obeys(text: str) -> None:
    """Promise 50: plain text stays plain."""
    assert not [one for one in plain(text) if unicodedata.category(one) in {"Cc", "Cs"} and one not in "\n\t"]
