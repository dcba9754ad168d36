import base64
import json
from pathlib import Path

import pytest

from cli.api import Api
from tests.fakes.http_api import DOCUMENT_ID, FakeHttpApi, document_view
from tests.unit.cli.conftest import Docqa


@pytest.fixture
def report(tmp_path: Path) -> Path:
    file = tmp_path / "q3.pdf"
    file.write_bytes(b"%PDF-1.7 the third quarter")
    return file


def test_upload_sends_the_file_to_the_ticket_it_asked_for(docqa: Docqa, service: FakeHttpApi, report: Path) -> None:
    result = docqa("upload", report, "--as", "reports/q3.pdf", "--readers", "finance,board")

    assert result.exit_code == 0, result.stderr
    asked = service.sent("POST", "/documents")
    assert asked == [
        {"path": "reports/q3.pdf", "size": 26, "readers": {"tenant": False, "groups": ["finance", "board"]}}
    ]
    assert service.stored == {"acme/reports/q3.pdf": b"%PDF-1.7 the third quarter"}
    assert DOCUMENT_ID in result.stdout


def test_upload_without_readers_leaves_them_to_the_stack(docqa: Docqa, service: FakeHttpApi, report: Path) -> None:
    """Promise 44: the command never opens a document by itself."""
    docqa("upload", report)

    assert "readers" not in service.sent("POST", "/documents")[0]


def test_upload_of_a_folder_keeps_its_structure_and_sends_metadata_files_along(
    docqa: Docqa, service: FakeHttpApi, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "q3.pdf").write_bytes(b"a")
    (folder / "2026" / "q3.pdf.metadata.json").write_text(
        '{"metadataAttributes": {"groups": ["*", "board"], "year": 2026, "expires": "2027-01-31"}}'
    )
    (folder / "2026" / "q4.pdf.metadata.json").write_text('{"metadataAttributes": {}}')
    (folder / ".hidden").write_bytes(b"b")

    result = docqa("upload", folder, "--json")

    assert [entry["path"] for entry in json.loads(result.stdout)] == ["reports/2026/q3.pdf"]
    assert list(service.stored) == ["acme/reports/2026/q3.pdf"]
    (asked,) = service.sent("POST", "/documents")
    assert asked["readers"] == {"tenant": True, "groups": ["board"]}
    assert asked["attributes"] == {"year": 2026, "expires": "2027-01-31"}
    assert "q4.pdf.metadata.json is not sent" in result.stderr
    assert "1 of 1 were sent with what their metadata files say." in result.stderr


def test_readers_that_are_given_go_before_those_of_the_metadata_file(
    docqa: Docqa, service: FakeHttpApi, report: Path
) -> None:
    report.with_name("q3.pdf.metadata.json").write_text('{"metadataAttributes": {"groups": ["board"], "year": 2026}}')

    docqa("upload", report, "--readers", "nobody")

    assert service.sent("POST", "/documents") == [
        {"path": "q3.pdf", "size": 26, "readers": {"tenant": False, "groups": []}, "attributes": {"year": 2026}}
    ]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ('{"metadataAttributes": {"groups": ["board"]', "line 1"),
        ('{"groups": ["board"]}', "metadataAttributes"),
        ('{"metadataAttributes": {"groups": "board"}}', "groups is a list"),
        ('{"metadataAttributes": {"expires": "next year"}}', "expires is a date in ISO 8601"),
        ('{"metadataAttributes": {"year": null}}', "an attribute is a string, a number"),
    ],
)
def test_a_broken_metadata_file_is_named_before_anything_is_sent(
    docqa: Docqa, service: FakeHttpApi, report: Path, broken: str, words: str
) -> None:
    report.with_name("q3.pdf.metadata.json").write_text(broken)

    result = docqa("upload", report)

    assert (result.exit_code, service.requests) == (2, [])
    assert "q3.pdf.metadata.json is no metadata file" in result.stderr
    assert words in result.stderr


def test_upload_wait_shows_the_documents_as_they_ended(docqa: Docqa, service: FakeHttpApi, report: Path) -> None:
    service.documents[DOCUMENT_ID] = [document_view(status="PROCESSING"), document_view()]

    result = docqa("upload", report, "--wait", "--json")

    assert result.exit_code == 0
    assert [view["status"] for view in json.loads(result.stdout)] == ["INDEXED"]


@pytest.mark.parametrize("before", ["INDEXED", "FAILED"])
def test_upload_wait_waits_for_the_version_that_it_uploaded(
    docqa: Docqa, service: FakeHttpApi, report: Path, before: str
) -> None:
    """What was there before may have ended, and have other readers: it is not what was asked about."""
    nobody = {"tenant": False, "groups": []}
    old = document_view(status=before, version_id="before", readers=nobody, received_at=1_699_999_000.0)
    service.documents[DOCUMENT_ID] = [
        old,
        old,
        document_view(status="PROCESSING", generation=2),
        document_view(generation=2),
    ]

    result = docqa("upload", report, "--wait", "--json")

    assert result.exit_code == 0, result.stderr
    assert [(view["generation"], view["status"]) for view in json.loads(result.stdout)] == [(2, "INDEXED")]
    assert "Nobody may read" not in result.stderr


def test_upload_wait_ends_with_the_version_that_has_replaced_what_it_uploaded(
    docqa: Docqa, service: FakeHttpApi, report: Path
) -> None:
    newer = document_view(version_id="of somebody else", generation=3, received_at=1_700_000_002.0)
    service.documents[DOCUMENT_ID] = [newer]

    result = docqa("upload", report, "--wait", "--json")

    assert [view["generation"] for view in json.loads(result.stdout)] == [3]


def test_upload_wait_says_that_nobody_may_read_what_was_uploaded(
    docqa: Docqa, service: FakeHttpApi, report: Path
) -> None:
    """Promise 44: a document without stated readers is closed, and whoever uploaded it is told."""
    nobody = {"tenant": False, "groups": []}
    service.documents[DOCUMENT_ID] = [document_view(readers=nobody)]
    assert "--readers tenant" in docqa("upload", report, "--wait").stderr

    service.documents[DOCUMENT_ID] = [document_view(readers={"tenant": True, "groups": []})]
    assert "--readers" not in docqa("upload", report, "--wait").stderr


@pytest.mark.parametrize(("readers", "named"), [("staff,nosuchgroup", "not in nosuchgroup:"), ("staff,tenant", "")])
def test_readers_that_the_uploader_is_not_among_are_remarked_on(
    docqa: Docqa, report: Path, monkeypatch: pytest.MonkeyPatch, readers: str, named: str
) -> None:
    """Groups cannot be listed, so that a typing mistake would be seen by nobody."""
    monkeypatch.setattr(Api, "own_groups", lambda _: frozenset({"staff"}))

    result = docqa("upload", report, "--readers", readers)

    assert result.exit_code == 0
    assert ("You are not in" in result.stderr) == bool(named)
    assert named in result.stderr


def test_own_groups_are_read_from_the_token() -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"cognito:groups": ["staff"]}).encode()).decode().rstrip("=")

    assert Api("https://api.test", f"header.{claims}.signature").own_groups() == {"staff"}
    assert Api("https://api.test", "no token").own_groups() is None


def test_upload_wait_fails_when_a_document_failed(docqa: Docqa, service: FakeHttpApi, report: Path) -> None:
    service.documents[DOCUMENT_ID] = [document_view(status="FAILED")]

    result = docqa("upload", report, "--wait")

    assert result.exit_code == 1
    assert "1 of 1 documents failed" in result.stderr


def test_upload_tells_why_storage_refused(docqa: Docqa, service: FakeHttpApi, report: Path) -> None:
    service.storage_refusal = (
        400,
        b"<Error><Code>EntityTooLarge</Code><Message>Your upload is too large</Message></Error>",
    )

    result = docqa("upload", report, "--json")

    assert result.exit_code == 1
    assert "EntityTooLarge: Your upload is too large" in result.stderr
    assert json.loads(result.stdout)[0]["document_id"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["missing.pdf"], 5, "no file missing.pdf"),
        (["FILE", "FILE2", "--as", "x.pdf"], 2, "--as names one document"),
        (["EMPTY"], 2, "Empty files"),
        (["FILE", "--readers", "no such group!"], 2, "--readers takes"),
    ],
)
def test_upload_refuses_what_cannot_work_before_asking(
    docqa: Docqa, service: FakeHttpApi, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    for name, content in {"FILE": b"a", "FILE2": b"b", "EMPTY": b""}.items():
        (tmp_path / name).write_bytes(content)
    given = [str(tmp_path / one) if one.isupper() or one == "FILE2" else one for one in arguments]

    result = docqa("upload", *given)

    assert (result.exit_code, service.requests) == (code, [])
    assert words in result.stderr


def test_documents_follows_the_cursor_to_the_end(docqa: Docqa, service: FakeHttpApi) -> None:
    service.documents = {f"{number:032x}": [document_view(f"{number:032x}")] for number in range(5)}

    result = docqa("documents", "--json")

    assert [view["document_id"] for view in json.loads(result.stdout)] == list(service.documents)


def test_documents_is_a_table_for_people(docqa: Docqa, service: FakeHttpApi) -> None:
    service.documents[DOCUMENT_ID] = [document_view()]

    result = docqa("documents")

    for word in (DOCUMENT_ID, "acme/reports/q3.pdf", "INDEXED", "tenant"):
        assert word in result.stdout


def test_show_names_the_failure_and_what_to_do(docqa: Docqa, service: FakeHttpApi) -> None:
    failure = {"code": "EncryptedDocumentError", "message": "Remove the password and upload it again."}
    service.documents[DOCUMENT_ID] = [document_view(status="FAILED", failure=failure, pages=None)]

    result = docqa("show", DOCUMENT_ID)

    assert result.exit_code == 0
    assert "Remove the password and upload it again." in result.stdout


def test_show_tells_where_a_document_is_and_what_its_owner_should_know(docqa: Docqa, service: FakeHttpApi) -> None:
    view = document_view(
        status="PROCESSING",
        stage="EXTRACTING",
        attempt=2,
        media_type="application/pdf",
        warnings=["Pages 3, 7: hidden text"],
        cost_usd=0.0105,
    )
    service.documents[DOCUMENT_ID] = [view]

    shown = docqa("show", DOCUMENT_ID).stdout

    for fact in ("EXTRACTING, attempt 2", "application/pdf", "Pages 3, 7: hidden text", "0.010500 USD"):
        assert fact in shown


def test_show_names_the_pages_that_were_not_read(docqa: Docqa, service: FakeHttpApi) -> None:
    """Promise 19: whoever asks about a document sees what cannot be found in it."""
    pages = {"total": 311, "ocr": 110, "unreadable": [(7, 9)], "unrecognised": [(114, 311)]}
    service.documents[DOCUMENT_ID] = [document_view(status="PARTIALLY_INDEXED", pages=pages)]

    shown = docqa("show", DOCUMENT_ID).stdout

    assert "unreadable: 7-9; no text recognised: 114-311" in " ".join(shown.split())


def test_show_tells_a_waiting_document_its_place(docqa: Docqa, service: FakeHttpApi) -> None:
    service.documents[DOCUMENT_ID] = [document_view(status="RECEIVED", place=17)]

    assert "17" in docqa("show", DOCUMENT_ID).stdout


def test_show_of_an_unknown_document_is_not_found(docqa: Docqa) -> None:
    result = docqa("show", DOCUMENT_ID)

    assert (result.exit_code, result.stdout) == (5, "")
    assert result.stderr == "Not found: There is no such thing.\n"


def test_an_id_never_reaches_another_route(docqa: Docqa, service: FakeHttpApi) -> None:
    result = docqa("show", "../questions")

    assert (result.exit_code, service.requests) == (5, [])


def test_delete_goes_on_after_one_that_is_not_there(docqa: Docqa, service: FakeHttpApi) -> None:
    service.documents[DOCUMENT_ID] = [document_view()]

    result = docqa("delete", "f" * 32, DOCUMENT_ID, "--json")

    assert result.exit_code == 5
    assert json.loads(result.stdout) == {"deleted": [DOCUMENT_ID]}
