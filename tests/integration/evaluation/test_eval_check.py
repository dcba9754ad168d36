"""The committed question set through the whole product in process: no headline figure is worse than its baseline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from opensearchpy import OpenSearch

from devstack.settings import DevstackSettings
from evaluation.local.answering import LocalAnswering
from evaluation.local.corpus import prepare
from evaluation.local.machine import Machine, machine
from evaluation.measured_questions import Measuring
from evaluation.outcomes import Outcome
from evaluation.regression import BASELINE, SET, against, ask, worsened


@pytest.fixture(scope="module")
def here(
    tmp_path_factory: pytest.TempPathFactory, opensearch: DevstackSettings, client: OpenSearch
) -> Iterator[Machine]:
    with machine(tmp_path_factory.mktemp("cache"), opensearch) as here:
        yield here


@pytest.fixture(scope="module")
def outcomes(here: Machine) -> list[Outcome]:
    return list(ask(here))


def test_no_headline_figure_is_worse_than_the_baseline(outcomes: list[Outcome]):
    assert not [one.error for one in outcomes if one.error]
    assert worsened(against(json.loads(BASELINE.read_text()), outcomes)) == []


def test_a_change_that_lowers_a_headline_figure_beyond_noise_fails(outcomes: list[Outcome]):
    # given a change that loses every fourth right passage
    worse = [
        one.model_copy(update={"passages": tuple(replace_span(p) for p in one.passages)}) if at % 4 == 0 else one
        for at, one in enumerate(outcomes)
    ]

    assert "passage.hit@1" in worsened(against(json.loads(BASELINE.read_text()), worse))


def test_everything_was_ingested_and_the_scan_was_read_by_ocr(here: Machine, outcomes: list[Outcome]):
    """Ingestion again finds the index as it is."""
    again = ask(here)

    assert [one.confidence for one in again] == pytest.approx([one.confidence for one in outcomes], abs=1e-6)
    scans = [one for one in outcomes if one.gold and one.gold[0].document.endswith("scan.pdf")]
    assert scans
    assert not any(gold.lost for one in scans for gold in one.gold)


def test_questions_are_measured_with_what_answers_them_and_without(here: Machine, outcomes: list[Outcome]):
    """What the confidence is fitted on: as asked, without the gold passages, without the documents."""
    corpus = prepare(SET.name, SET, here, lambda items, *_: items)
    answering = LocalAnswering(here, corpus)
    asked = next(one for one in outcomes if one.question.answerable and one.status == "answered" and one.gold[0].span)
    away = asked.gold[0].document

    measured = Measuring(SET.name, corpus, answering).measure(asked.question)

    assert [(one.answerable, one.hard) for one in measured] == [(True, False), (False, True), (False, False)]
    assert len({tuple(one.features.items()) for one in measured}) == len(measured), "each saw other passages"
    left = {corpus.paths[one.document_id] for one in answering.ask(asked.question.question, without={away}).ranking}
    assert left
    assert away not in left


def replace_span(passage):  # type: ignore[no-untyped-def]
    return passage.model_copy(update={"span": replace(passage.span, document="elsewhere")})
