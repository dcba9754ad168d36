import json

from cli.api import Api
from cli.load import Load
from cli.load_view import summary
from tests.fakes.http_api import BASE_URL, TOKEN, FakeHttpApi, document_view
from tests.unit.cli.conftest import Docqa

NOW = 1_700_000_100.0


def view(number: int, status: str, updated_at: float) -> dict[str, object]:
    failure = {"code": "EmptyDocumentError", "message": "The file is empty."} if status == "FAILED" else None
    return document_view(f"{number:032x}", status=status, updated_at=updated_at, failure=failure)


def serve(service: FakeHttpApi, *views: dict[str, object]) -> Api:
    """The list begins with the newest change, as the service's does."""
    for one in sorted(views, key=lambda one: -float(str(one["updated_at"]))):
        service.documents[str(one["document_id"])] = [one]
    return Api(BASE_URL, TOKEN, transport=service.transport())


def test_the_pace_is_what_ended_in_the_last_minute_and_tells_how_long_the_rest_takes(service: FakeHttpApi) -> None:
    load = Load(since=NOW - 600)
    load.update(
        serve(
            service,
            *(view(number, "INDEXED", NOW - 30) for number in range(6)),
            view(10, "INDEXED", NOW - 300),
            view(11, "RECEIVED", NOW - 20),
            view(12, "PROCESSING", NOW - 10),
        )
    )

    assert load.rate(NOW) == 6 / 60
    assert load.seconds_left(NOW) == 20.0
    assert summary(load, NOW) == "1 RECEIVED, 1 PROCESSING, 7 INDEXED; 6.0 documents a minute, about 20 s left"


def test_nothing_is_promised_while_nothing_ends(service: FakeHttpApi) -> None:
    load = Load(since=NOW - 600)
    load.update(serve(service, view(1, "RECEIVED", NOW - 20)))

    assert load.seconds_left(NOW) is None
    assert "time left unknown" in summary(load, NOW)


def test_only_what_changed_since_the_last_look_is_read_again(service: FakeHttpApi) -> None:
    api = serve(service, *(view(number, "INDEXED", NOW - 60 - 20 * number) for number in range(8)))
    load = Load(since=NOW - 600)
    load.update(api)
    first = len(service.requests)

    service.documents = {"new": [view(99, "RECEIVED", NOW)]} | service.documents
    load.update(api)

    assert len(load.views) == 9
    assert len(service.requests) - first < first


def test_documents_of_before_are_left_out(service: FakeHttpApi) -> None:
    load = Load(since=NOW - 60)
    load.update(serve(service, view(1, "INDEXED", NOW - 30), view(2, "FAILED", NOW - 90)))

    assert dict(load.counts()) == {"INDEXED": 1}


def test_watch_ends_with_the_last_document_and_names_what_failed(docqa: Docqa, service: FakeHttpApi) -> None:
    serve(service, view(1, "INDEXED", NOW), view(2, "FAILED", NOW))

    result = docqa("watch", "--since", "1000000")

    assert result.exit_code == 1
    assert "The file is empty." in result.stdout
    assert "1 documents failed" in result.stderr


def test_watch_says_how_many_failures_it_does_not_show(docqa: Docqa, service: FakeHttpApi) -> None:
    serve(service, *(view(number, "FAILED", NOW) for number in range(5)))
    assert "more" not in docqa("watch", "--since", "1000000").stdout

    serve(service, *(view(number, "FAILED", NOW) for number in range(9)))
    assert "and 4 more" in docqa("watch", "--since", "1000000").stdout


def test_watch_tells_programs_counts_and_failures(docqa: Docqa, service: FakeHttpApi) -> None:
    serve(service, view(1, "INDEXED", NOW))

    result = docqa("watch", "--since", "1000000", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["documents"] == {"INDEXED": 1}


def test_watch_gives_up_in_time_and_says_so(docqa: Docqa, service: FakeHttpApi) -> None:
    serve(service, view(1, "PROCESSING", NOW))

    result = docqa("watch", "--since", "1000000", "--timeout", "1")

    assert result.exit_code != 0
    assert "still under way" in result.stderr
