"""What a stack costs: counted calls (benchmarks/counted_calls.json) times dated prices (docqa/prices.json).

`make cost` prints it; `make docs` writes docs/costs.md and the table in README.md. The page says what is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from benchmarks.count_calls import COUNTED
from benchmarks.idle import idle_lines
from docqa.domain.pricing import tokens_usd
from tools import translate

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- costs: written by make docs -->", "<!-- /costs -->"
EMBEDDING_MODEL, CHAT_MODEL = "amazon.titan-embed-text-v2:0", "amazon.nova-lite-v1:0"
MILLION, THOUSAND = 1_000_000, 1_000
# An item of the registry is written with its index, and within a transaction twice.
WRITE_UNITS = {"PutItem": 2, "UpdateItem": 2, "DeleteItem": 2, "BatchWriteItem": 2, "TransactWriteItems": 8}
READ_UNITS = {"GetItem": 1, "Query": 1, "Scan": 1, "BatchGetItem": 8, "TransactGetItems": 4}
S3_WRITES = frozenset({"PutObject", "POST.s3", "ListObjects", "CreateMultipartUpload", "CopyObject"})
# What a small model on Bedrock takes for a short answer; the one-machine cloud's own seconds say nothing about it.
CHAT_SECONDS, ANSWERING_GIGABYTES = 1.5, 1.0
# Sent, received, deleted.
REQUESTS_A_MESSAGE = 3


@dataclass(frozen=True)
class Line:
    """One row of a bill, in USD."""

    what: str
    usd: float


def main() -> None:
    """Print the page."""
    print(pages()["docs/costs.md"])


def pages() -> dict[str, str]:
    """The page of costs, and the README with its table."""
    prices = json.loads(files("docqa").joinpath("prices.json").read_text("utf-8"))
    counted = json.loads(COUNTED.read_text())
    idle = [Line(what, usd) for what, usd in idle_lines(translate.translated(), prices["infrastructure"])]
    document, question = counted["per_document"], counted["per_question"]
    per_pages = document_lines(document, prices, THOUSAND / document["pages"])
    per_questions = question_lines(question, prices, THOUSAND)
    scanned = prices["textract_per_page"]["text"] * THOUSAND
    summary = [
        f"| | USD, {prices['infrastructure']['region']}, prices of {prices['date']} |",
        "|---|---|",
        f"| a month in which nobody asks | {_total(idle):.2f} |",
        f"| 1,000 pages with a text layer | {_total(per_pages):.2f} |",
        f"| 1,000 scanned pages | {_total(per_pages) + scanned:.2f} |",
        f"| 1,000 questions | {_total(per_questions):.2f} |",
    ]
    textract = prices["textract_per_page"]
    page = [
        "# What it costs",
        "",
        "Generated from [counted calls](../benchmarks/counted_calls.json) and",
        "[dated prices](../layers/docqa/docqa/prices.json): `make docs`.",
        "",
        *summary,
        "",
        f"Counted on {counted['date']} on the one-machine cloud, priced for the default parameters: documents",
        f"of {document['pages']} pages ({document['passages']} passages) and warm questions over HTTP.",
        "A gigabyte second of the one-machine cloud is taken for one of AWS, tokens are those of its own small models,",
        f"and the chat model on Bedrock is taken to need {CHAT_SECONDS} s.",
        "Not in it: free tiers, storage, logs, traces, traffic to the internet, Cognito beyond its free users, taxes.",
        "",
        *_table("A month in which nobody asks", idle),
        *_table("1,000 pages with a text layer", per_pages),
        f"A scanned page costs Textract's {textract['text']} USD more, and one on which a table is seen another",
        f"{round(textract['tables'] + textract['layout'], 4)} USD (`OcrFeatures`).",
        "",
        *_table("1,000 questions", per_questions),
    ]
    return {"docs/costs.md": "\n".join(page), "README.md": _with_table(README.read_text(), summary)}


def document_lines(counted: Mapping[str, Any], prices: Mapping[str, Any], times: float) -> list[Line]:
    """What `times` such documents cost, by service."""
    infrastructure = prices["infrastructure"]
    transitions = counted["state_transitions"] / THOUSAND * prices["step_functions_per_thousand_transitions"]
    tokens = int(counted["usage"].get("embedded_tokens", 0))
    lines = [
        Line("Step Functions", transitions),
        Line(f"Bedrock, embeddings ({EMBEDDING_MODEL})", tokens_usd(EMBEDDING_MODEL, tokens)),
        *_call_lines(counted, infrastructure),
    ]
    return [Line(line.what, line.usd * times) for line in lines]


def question_lines(counted: Mapping[str, Any], prices: Mapping[str, Any], times: float) -> list[Line]:
    """What `times` such questions cost, by service."""
    infrastructure, usage, run = prices["infrastructure"], counted["usage"], counted["lambda"]
    waiting = (CHAT_SECONDS - counted["chat_seconds"]) * ANSWERING_GIGABYTES
    on_aws = {**counted, "lambda": {**run, "gigabyte_seconds": run["gigabyte_seconds"] + waiting}}
    chat = tokens_usd(CHAT_MODEL, usage["input_tokens"], usage["output_tokens"])
    lines = [
        Line(f"Bedrock, chat ({CHAT_MODEL})", chat),
        Line(f"Bedrock, embeddings ({EMBEDDING_MODEL})", tokens_usd(EMBEDDING_MODEL, usage["embedded_tokens"])),
        Line("API Gateway", infrastructure["api_gateway_per_million_requests"] / MILLION),
        *_call_lines(on_aws, infrastructure),
    ]
    return [Line(line.what, line.usd * times) for line in lines]


def _call_lines(counted: Mapping[str, Any], prices: Mapping[str, Any]) -> list[Line]:
    calls = {tuple(name.split(":", 1)): count for name, count in counted["calls"].items()}
    writes = sum(WRITE_UNITS.get(name, 0) * count for (service, name), count in calls.items() if service == "dynamodb")
    reads = sum(READ_UNITS.get(name, 0) * count for (service, name), count in calls.items() if service == "dynamodb")
    puts = sum(count for (service, name), count in calls.items() if service == "s3" and name in S3_WRITES)
    gets = sum(count for (service, name), count in calls.items() if service == "s3" and name not in S3_WRITES)
    sent = sum(count for (service, name), count in calls.items() if service == "sqs" and name.startswith("Send"))
    put_events = sum(count for (service, _), count in calls.items() if service == "events")
    run = counted["lambda"]
    database = writes * prices["dynamodb_per_million_write_units"] + reads * prices["dynamodb_per_million_read_units"]
    objects = puts * prices["s3_per_thousand_writes"] + gets * prices["s3_per_thousand_reads"]
    compute = run["gigabyte_seconds"] * prices["lambda_arm64_per_gigabyte_second"]
    return [
        Line("Lambda", compute + run["invocations"] * prices["lambda_per_million_requests"] / MILLION),
        Line("DynamoDB", database / MILLION),
        Line("S3 requests", objects / THOUSAND),
        Line("SQS", sent * REQUESTS_A_MESSAGE * prices["sqs_per_million_requests"] / MILLION),
        Line("EventBridge", put_events * prices["eventbridge_per_million_events"] / MILLION),
    ]


def _total(lines: Iterable[Line]) -> float:
    return sum(line.usd for line in lines)


def _table(title: str, lines: list[Line]) -> list[str]:
    rows = [f"| {line.what} | {line.usd:.4f} |" for line in lines if line.usd > 0]
    return [f"## {title}", "", "| | USD |", "|---|---|", *rows, f"| **together** | **{_total(lines):.2f}** |", ""]


def _with_table(readme: str, summary: list[str]) -> str:
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([before + BEGIN, *summary, END]) + after


if __name__ == "__main__":
    main()
