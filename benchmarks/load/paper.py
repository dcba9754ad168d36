"""10 million documents and 1,000 questions a second, on paper: cost, concurrency, and which quota binds first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from benchmarks import cost
from benchmarks.count_calls import COUNTED
from benchmarks.load import defaults, quotas
from docqa.domain.pricing import tokens_usd

DOCUMENTS, QUESTIONS_A_SECOND = 10_000_000, 1_000
DAY, HOUR = 86_400.0, 3_600.0
# That a document holds a place, and in which all of them are to be done: README, `make bench`.
DOCUMENT_SECONDS, WITHIN_DAYS = 4.3, 7
# Most functions of the pipeline have so much.
FUNCTION_GIGABYTES = 0.5
# Floats of 32 bits, and what HNSW with 16 neighbours adds, as OpenSearch's documentation reckons it.
VECTOR_OVERHEAD, NEIGHBOURS = 1.1, 16


def measure() -> dict[str, Any]:
    """From calls counted on the one-machine cloud, dated prices and dated quotas."""
    counted = json.loads(COUNTED.read_text("utf-8"))
    prices = json.loads(files("docqa").joinpath("prices.json").read_text("utf-8"))
    document, question = counted["per_document"], counted["per_question"]
    return {
        "counted": counted["date"],
        "quotas": quotas.date(),
        "prices": prices["date"],
        "documents": documents(document, prices),
        "questions": questions(question, prices),
    }


def documents(counted: Mapping[str, Any], prices: Mapping[str, Any]) -> dict[str, Any]:
    """All documents as the counted one, born-digital; how long each quota alone makes them take."""
    needs = needs_of(counted, "state_transitions") | {
        "titan_tokens_per_minute": counted["usage"]["embedded_tokens"],
        "start_execution": counted["calls"]["states:StartExecution"],
        "lambda_concurrency": counted["lambda"]["gigabyte_seconds"] / FUNCTION_GIGABYTES,
    }
    usd = sum(line.usd for line in cost.document_lines(counted, prices, DOCUMENTS))
    tokens = round(counted["usage"]["embedded_tokens"] * DOCUMENTS)
    saved = tokens_usd(cost.EMBEDDING_MODEL, tokens) - tokens_usd(cost.EMBEDDING_MODEL, tokens, batch=True)
    passages = counted["passages"] * DOCUMENTS
    dimensions = defaults.parameter("EmbeddingDimensions")
    memory = VECTOR_OVERHEAD * (4 * dimensions + 8 * NEIGHBOURS) * passages / 1e9
    return {
        "number": DOCUMENTS,
        "pages": counted["pages"],
        "usd": round(usd),
        "usd_by_batch": round(usd - saved),
        "binds": in_order({name: DOCUMENTS * need / _rate(name) / DAY for name, need in needs.items()}),
        "places": round(DOCUMENTS * DOCUMENT_SECONDS / (WITHIN_DAYS * DAY)),
        "vectors": passages,
        "vector_gigabytes": round(memory),
    }


def questions(counted: Mapping[str, Any], prices: Mapping[str, Any]) -> dict[str, Any]:
    """How many a second each quota alone lets through, and what they need of it."""
    usage = counted["usage"]
    # As the page of costs reckons it: a model on Bedrock is sooner done than the small one here.
    seconds = (
        counted["lambda"]["gigabyte_seconds"] + (cost.CHAT_SECONDS - counted["chat_seconds"]) * cost.ANSWERING_GIGABYTES
    ) / cost.ANSWERING_GIGABYTES
    needs = needs_of(counted) | {
        "nova_lite_tokens_per_minute": usage["input_tokens"] + usage["output_tokens"],
        "titan_tokens_per_minute": usage["embedded_tokens"],
        "lambda_concurrency": seconds,
        "api_gateway_requests": 1.0,
    }
    usd = sum(line.usd for line in cost.question_lines(counted, prices, QUESTIONS_A_SECOND * HOUR))
    return {
        "a_second": QUESTIONS_A_SECOND,
        "usd_an_hour": round(usd, 2),
        "concurrency": round(QUESTIONS_A_SECOND * seconds),
        "binds": in_order({name: QUESTIONS_A_SECOND * need / _rate(name) for name, need in needs.items()}),
        "lets_through": {name: round(_rate(name) / need) for name, need in needs.items()},
    }


def needs_of(counted: Mapping[str, Any], *others: str) -> dict[str, float]:
    """Units of quotas that one document or question takes; those of which it takes nothing are left out."""
    calls = {tuple(name.split(":", 1)): count for name, count in counted["calls"].items()}
    found = {
        "dynamodb_writes": _units(calls, "dynamodb", cost.WRITE_UNITS),
        "dynamodb_reads": _units(calls, "dynamodb", cost.READ_UNITS),
        "s3_writes": sum(
            count for (service, name), count in calls.items() if service == "s3" and name in cost.S3_WRITES
        ),
        "put_events": sum(count for (service, _), count in calls.items() if service == "events"),
        **{name: counted[name] for name in others},
    }
    return {name: need for name, need in found.items() if need}


def in_order(loads: Mapping[str, float]) -> list[dict[str, Any]]:
    """Quotas with what they make of the load, the one that binds first in front."""
    ordered = sorted(loads.items(), key=lambda item: -item[1])
    return [{"quota": name, "value": round(value, 4)} for name, value in ordered]


def _units(calls: Mapping[tuple[str, ...], float], service: str, units: Mapping[str, int]) -> float:
    return sum(units.get(name, 0) * count for (whose, name), count in calls.items() if whose == service)


def _rate(name: str) -> float:
    return quotas.quotas()[name].a_second


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    titles = {name: quota.title for name, quota in quotas.quotas().items()}
    loaded, asked = result["documents"], result["questions"]
    first, second = loaded["binds"][0], asked["binds"][0]
    lines = [
        f"Calls counted {result['counted']}, prices of {result['prices']}, quotas of {result['quotas']}.",
        "",
        f"{loaded['number']:,} documents of {loaded['pages']} pages with a text layer: {loaded['usd']:,} USD,",
        f"with their passages embedded by batch inference {loaded['usd_by_batch']:,} USD.",
        f"Their {loaded['vectors']:,} vectors take {loaded['vector_gigabytes']:,} GB of memory in OpenSearch,",
        "whose nodes are not in these costs.",
        f"In {WITHIN_DAYS} days they need {loaded['places']} places (`IngestCapacity`), at {DOCUMENT_SECONDS} s each.",
        f"First binds: {titles[first['quota']]}. Passages that go by batch inference do not count against it.",
        "",
        "| quota, at its default | days that it makes them take |",
        "|---|---|",
        *(f"| {titles[one['quota']]} | {one['value']:,.2f} |" for one in loaded["binds"]),
        "",
        f"{asked['a_second']:,} questions a second cost {asked['usd_an_hour']:,.0f} USD an hour and are",
        f"{asked['concurrency']:,} functions at once. First binds: {titles[second['quota']]}.",
        "",
        "| quota, at its default | of it is needed | questions a second that it lets through |",
        "|---|---|---|",
    ]
    for one in asked["binds"]:
        through = asked["lets_through"][one["quota"]]
        lines.append(f"| {titles[one['quota']]} | {one['value']:,.1%} | {through:,} |")
    return lines
