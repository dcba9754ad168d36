"""Quotas, faults and replay that are set while the server runs."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydantic import ValidationError

from devstack.modelserver import textract_control
from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.models.ports import Line
from devstack.modelserver.textract_blocks import Block
from devstack.modelserver.textract_control import TextractBehaviour
from docqa.bootstrap.clients import WORK
from tests.fakes.textract_bench import TextractBench, pdf

CHANNEL: dict[str, Any] = {"NotificationChannel": {"SNSTopicArn": "arn:topic", "RoleArn": "arn:role"}}


@pytest.fixture
def bench(tmp_path: Path) -> TextractBench:
    return TextractBench(tmp_path / "jobs")


def codes(bench: TextractBench, starts: int) -> list[str]:
    """How each of so many starts was answered."""
    found = []
    for number in range(starts):
        try:
            bench.start(ClientRequestToken=f"t-{number}")
            found.append("started")
        except AwsError as error:
            found.append(error.code)
    return found


def test_quotas_hold_from_the_moment_they_are_set(bench: TextractBench) -> None:
    assert codes(bench, 3) == ["started"] * 3
    bench.work()

    bench.behave(starts_per_second=2, jobs_at_once=1)

    assert bench.error(lambda: [bench.start(), bench.start()]) == "LimitExceededException"
    assert bench.error(bench.start) == "ProvisionedThroughputExceededException"
    counted = bench.control.counts()
    assert (counted["starts"], counted["refused_by_jobs"], counted["refused_by_rate"]) == (1, 1, 1)
    assert counted["jobs_at_once_max"] == 1


def test_the_first_starts_are_answered_together_and_meet_the_rate(bench: TextractBench) -> None:
    bench.behave(starts_per_second=2, starts_together=5)
    answers: list[str] = []

    def start(number: int) -> None:
        try:
            bench.start(ClientRequestToken=f"t-{number}")
            answers.append("started")
        except AwsError as error:
            answers.append(error.code)

    threads = [threading.Thread(target=start, args=[number]) for number in range(5)]
    for thread in threads[:4]:
        thread.start()
    threads[0].join(0.2)
    assert answers == [], "four of five wait"
    threads[4].start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["ProvisionedThroughputExceededException"] * 3 + ["started"] * 2
    assert bench.control.counts()["refused_by_rate"] == 3


def test_starts_for_which_no_other_comes_go_on_alone(bench: TextractBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textract_control, "TOGETHER_SECONDS", 0.05)
    bench.behave(starts_together=3)

    assert codes(bench, 3) == ["started"] * 3


def test_the_wait_for_each_other_is_shorter_than_the_patience_of_clients() -> None:
    assert WORK.read > textract_control.TOGETHER_SECONDS


def test_a_share_of_the_calls_meets_a_fault_and_the_same_seed_the_same_faults(bench: TextractBench) -> None:
    bench.behave(fault_share=0.3, seed=7)
    first = codes(bench, 100)
    bench.behave(fault_share=0.3, seed=7)

    assert codes(bench, 100) == first
    faults = [code for code in first if code != "started"]
    assert 15 <= len(faults) <= 45
    assert set(faults) == {
        "InternalServerError",
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
    }
    assert bench.control.counts()["faults"] == len(faults)


def test_a_repeated_start_is_the_same_job_and_counted_once(bench: TextractBench) -> None:
    """Promise 23: with one token one job is started, whatever happened to the first answer."""
    jobs = {bench.start(ClientRequestToken="t") for _ in range(3)}

    assert len(jobs) == 1
    counted = bench.control.counts()
    assert (counted["starts"], counted["repeated_starts"]) == (1, 2)


def test_text_detection_and_analysis_do_not_share_tokens_or_results(bench: TextractBench) -> None:
    text, analysis = bench.start(ClientRequestToken="t"), bench.analyse(ClientRequestToken="t")
    bench.work()

    assert text != analysis
    assert bench.call("GetDocumentAnalysis", {"JobId": analysis})["JobStatus"] == "SUCCEEDED"
    assert "AnalyzeDocumentModelVersion" in bench.call("GetDocumentAnalysis", {"JobId": analysis})
    assert bench.error(lambda: bench.get({"JobId": analysis})) == "InvalidJobIdException"


@pytest.mark.parametrize("features", [(), ("EVERYTHING",)])
def test_an_analysis_names_features_that_there_are(bench: TextractBench, features: tuple[str, ...]) -> None:
    assert bench.error(lambda: bench.analyse(features=features)) == "InvalidParameterException"


def test_jobs_fail_though_nothing_is_wrong_with_their_document(bench: TextractBench) -> None:
    bench.behave(failed_share=1)
    job = bench.start(**CHANNEL)
    bench.work()

    result = bench.get({"JobId": job})
    assert (result["JobStatus"], result["StatusMessage"]) == ("FAILED", "INTERNAL_ERROR")
    assert json.loads(bench.topics.messages[0][1])["Status"] == "FAILED"


def test_a_partial_success_warns_of_the_page_that_is_missing(bench: TextractBench) -> None:
    bench.behave(partial_share=1)
    job = bench.start()
    bench.work()

    result = bench.get({"JobId": job})
    assert result["JobStatus"] == "PARTIAL_SUCCESS"
    assert result["Warnings"] == [{"ErrorCode": "UNREADABLE_PAGE", "Pages": [2]}]
    assert {block["Page"] for block in result["Blocks"]} == {1}


@pytest.mark.parametrize(
    ("settings", "messages"),
    [({"duplicate_notifications": 1}, 2), ({"lost_notifications": 1}, 0), ({}, 1)],
    ids=["twice", "never", "once"],
)
def test_notifications_are_repeated_or_lost(bench: TextractBench, settings: dict[str, float], messages: int) -> None:
    bench.behave(**settings)
    job = bench.start(**CHANNEL)
    bench.work()
    bench.work()

    assert len(bench.topics.messages) == messages
    assert bench.get({"JobId": job})["JobStatus"] == "SUCCEEDED"


def test_notifications_come_out_of_order(tmp_path: Path) -> None:
    bench = TextractBench(tmp_path)
    bench.behave(late_notifications=0.5, late_seconds=0.2, seed=1, replay=recorded(tmp_path / "r", one=["A"]))
    jobs = [bench.start(JobTag=str(number), **CHANNEL) for number in range(8)]
    for job in jobs:
        found = bench.jobs.find(job)
        assert found is not None
        bench.worker.begin(found)
    bench.worker.drain()

    order = [json.loads(message)["JobId"] for _, message in bench.topics.messages]
    assert sorted(order) == sorted(jobs)
    assert order != jobs


@pytest.mark.parametrize("settings", [{"fault_share": 1.1}, {"jobs_at_once": 0}, {"replay": "nowhere"}, {"speed": 1}])
def test_settings_are_checked(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TextractBehaviour.model_validate(settings)


# --- replay


def block(kind: str, text: str = "", **more: Any) -> Block:
    return {"BlockType": kind, "Id": f"{kind}-{text}", "Text": text, "Confidence": 99.0, **more}


def response(texts: list[str]) -> dict[str, Any]:
    """A page for each text: a page block, a line, and a table's cell that holds it."""
    blocks = []
    for page, text in enumerate(texts, start=1):
        blocks += [
            block("PAGE", f"{page}", Page=page, Relationships=[{"Type": "CHILD", "Ids": [f"LINE-{text}"]}]),
            block("LINE", text, Page=page),
            block("TABLE", text, Page=page, Relationships=[{"Type": "CHILD", "Ids": [f"CELL-{text}", "gone"]}]),
            block("CELL", text, Page=page),
            block("LAYOUT_TEXT", text, Page=page),
        ]
    return {"DocumentMetadata": {"Pages": len(texts)}, "Blocks": blocks}


def recorded(folder: Path, **responses: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, texts in responses.items():
        (folder / f"{name}.json").write_text(json.dumps(response(texts)))
    return folder


def lines(bench: TextractBench, key: str) -> list[tuple[int, str]]:
    job = bench.start(key)
    bench.work()
    blocks = bench.get({"JobId": job})["Blocks"]
    return [(block["Page"], block["Text"]) for block in blocks if block["BlockType"] == "LINE"]


def picture(shade: int) -> bytes:
    content = io.BytesIO()
    image = Image.new("L", (60, 40), 255)
    image.putpixel((10, 10), shade)
    image.paste(shade, (20, 10, 40, 30))
    image.save(content, "PNG")
    return content.getvalue()


def test_an_input_is_answered_by_the_recording_named_after_its_hash(bench: TextractBench, tmp_path: Path) -> None:
    own = hashlib.sha256(bench.documents.contents["b", "two.pdf"]).hexdigest()
    bench.behave(replay=recorded(tmp_path / "recordings", **{own: ["first", "second"], "other": ["another"]}))

    assert lines(bench, "two.pdf") == [(1, "first"), (2, "second")]


def test_a_page_is_answered_by_the_recording_of_a_page_that_looks_like_it(bench: TextractBench, tmp_path: Path) -> None:
    folder = recorded(tmp_path / "recordings", **{"a-form.png": ["the form"], "b-fax.tiff": ["page one", "page two"]})
    recorded(folder, any=["something else"])
    (folder / "form.png").write_bytes(picture(0))
    frames = [Image.open(io.BytesIO(picture(shade))) for shade in (60, 120)]
    frames[0].save(folder / "fax.tiff", save_all=True, append_images=frames[1:])
    bench.behave(replay=folder)
    # when pages of both arrive in one document
    mixed = io.BytesIO()
    pages = [Image.open(io.BytesIO(picture(shade))) for shade in (120, 0)]
    pages[0].save(mixed, "TIFF", save_all=True, append_images=pages[1:])
    bench.documents.contents["b", "mixed"] = mixed.getvalue()

    assert lines(bench, "mixed") == [(1, "page two"), (2, "the form")]


def test_any_other_page_is_answered_by_the_same_recorded_page_each_time(bench: TextractBench, tmp_path: Path) -> None:
    bench.behave(replay=recorded(tmp_path / "recordings", one=["A", "B"], two=["C"]))
    bench.documents.contents["b", "long.pdf"] = pdf(6)

    first = lines(bench, "long.pdf")

    assert [page for page, _ in first] == [1, 2, 3, 4, 5, 6]
    assert {text for _, text in first} == {"A", "B", "C"}
    assert lines(bench, "long.pdf") == first


@pytest.mark.parametrize(
    ("features", "kinds"),
    [
        (None, {"PAGE", "LINE"}),
        (("TABLES",), {"PAGE", "LINE", "TABLE", "CELL"}),
        (("LAYOUT",), {"PAGE", "LINE", "LAYOUT_TEXT"}),
        (("TABLES", "LAYOUT"), {"PAGE", "LINE", "TABLE", "CELL", "LAYOUT_TEXT"}),
    ],
    ids=["text", "tables", "layout", "both"],
)
def test_a_job_gets_what_it_asked_for_with_links_that_lead_somewhere(
    bench: TextractBench, tmp_path: Path, features: tuple[str, ...] | None, kinds: set[str]
) -> None:
    bench.behave(replay=recorded(tmp_path / "recordings", one=["A"]))
    job = bench.start() if features is None else bench.analyse(features=features)
    bench.work()

    operation = "GetDocumentTextDetection" if features is None else "GetDocumentAnalysis"
    blocks = bench.call(operation, {"JobId": job})["Blocks"]

    assert {block["BlockType"] for block in blocks} == kinds
    ids = [block["Id"] for block in blocks]
    assert len(set(ids)) == len(ids) == 2 * len(kinds)  # two pages of the same recording
    assert {one for block in blocks for link in block.get("Relationships", []) for one in link["Ids"]} <= set(ids)


def test_a_folder_without_a_recording_is_refused(bench: TextractBench, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no recorded response"):
        bench.behave(replay=tmp_path)


def test_work_that_breaks_off_ends_the_job(tmp_path: Path) -> None:
    """A job never stays in progress for ever: an error of the engine fails it."""
    bench = TextractBench(tmp_path, ocr=BrokenOcr)
    job = bench.start(**CHANNEL)
    found = bench.jobs.find(job)
    assert found is not None

    bench.worker.begin(found)
    bench.worker.drain()

    assert bench.get({"JobId": job})["StatusMessage"] == "INTERNAL_ERROR"
    assert json.loads(bench.topics.messages[0][1])["Status"] == "FAILED"


class BrokenOcr:
    """Reads nothing."""

    def read(self, picture: NDArray[np.uint8]) -> list[Line]:
        raise RuntimeError("the engine is out of memory")
