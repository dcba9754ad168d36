"""What ingestion has to reach, part by part, in one place. `make bench-ingest` fails when a target is missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.checks import Check, Result
from benchmarks.ingest import history

TIMES_WITHOUT_MODEL, TIMES_WITH_MODEL = 3.0, 1.0
MOST_PAGES, MOST_MEGABYTES, MOST_EVENTS, MOST_DEVIATION = 3_000, 1_536, 5_000, 0.20
DOCUMENTS = 500
MOST_P95_RATIO, LEAST_IN_FLIGHT = 2.0, 0.9
FILE_SECONDS, FILE_MEGABYTES = 60.0, 1_024
# Rounded figures of two means over the same receipts.
ROUNDING = 0.0005


def checks_of(part: str, result: Result) -> list[Check]:
    """The targets of a part."""
    return CHECKS[part](result)


def _speed(result: Result) -> list[Check]:
    checks = []
    for name, title, least in (
        ("without_embedding", "without the embedding model", TIMES_WITHOUT_MODEL),
        ("with_embedding", "with it", TIMES_WITH_MODEL),
    ):
        times = result[name]["times_the_plain_script"]
        what = f"born-digital pages a second, {title}, against the plain script"
        checks.append(Check(what, f"at least {least:g} times", f"{times:.2f} times", times >= least))
    sent = sum(result[name]["docqa"]["pages_at_textract"] for name in ("without_embedding", "with_embedding"))
    return [*checks, _none("born-digital pages sent to Textract", sent)]


def _sizes(result: Result) -> list[Check]:
    sizes = result["sizes"]
    largest = max(sizes, key=lambda one: one["pages"])
    enough = largest["pages"] >= MOST_PAGES
    memory = max(held for one in sizes for held in one["peak_megabytes"].values())
    events = history.of_document(largest["pages"], largest["chunks"]).events
    off = result["worst_deviation"]
    return [
        Check("largest document that was indexed", f"{MOST_PAGES:,} pages", f"{largest['pages']:,}", enough or None),
        _below("memory of a function, MB", MOST_MEGABYTES, memory, known=enough),
        _below("history events of the largest document", MOST_EVENTS, events, known=enough),
        Check(
            "seconds, from a straight line over the pages",
            f"within {MOST_DEVIATION:.0%}",
            "" if off is None else f"{off:.0%}",
            None if off is None or not enough else off <= MOST_DEVIATION,
        ),
    ]


def _cost(result: Result) -> list[Check]:
    digital, mixed = result["born_digital"], result["mixed"]
    own, everything = mixed["own_usd"] + mixed["textract_usd"], result["every_page_usd"]
    return [
        Check(
            "Textract for born-digital pages, USD", "0", f"{digital['textract_usd']:g}", digital["textract_usd"] == 0
        ),
        Check(
            "1,000 pages of a mixed document, USD",
            f"less than {everything:.2f} (every page sent)",
            f"{own:.2f}",
            own < everything,
        ),
    ]


def _burst(result: Result) -> list[Check]:
    textract, documents = result["textract"], result["documents"]
    enough = documents >= DOCUMENTS
    all_indexed = result["indexed"] == documents
    cap, most = result["capacity"], result["in_flight_most"]
    return [
        Check(
            "documents dropped at once that were indexed",
            f"{DOCUMENTS} of {DOCUMENTS}",
            f"{result['indexed']} of {documents}",
            all_indexed if enough or not all_indexed else None,
        ),
        _none("lost", result["lost"]),
        _none("failed or partly indexed", result["failed"] + result["partially_indexed"]),
        _none("done twice", result["duplicate_executions"] + result["documents_with_other_chunks"]),
        Check("in flight at most", f"the cap of {cap}", str(most), most <= cap),
        _some("starts that Textract refused for their rate", textract["refused_by_rate"]),
        _some("starts that it refused for jobs at once", textract["refused_by_jobs"]),
        _some("injected faults", textract["faults"]),
    ]


def _questions(result: Result) -> list[Check]:
    ratio, share = result["p95_ratio"], result["in_flight_share"]
    return [
        Check(
            "p95 of questions beside a load",
            f"at most {MOST_P95_RATIO:g} times idle",
            f"{ratio:.2f} times",
            ratio <= MOST_P95_RATIO,
        ),
        Check(
            "of their time with documents in flight",
            f"at least {LEAST_IN_FLIGHT:.0%}",
            f"{share:.0%}",
            share >= LEAST_IN_FLIGHT,
        ),
    ]


def _receipts(result: Result) -> list[Check]:
    engine, passages = result["engine"], result["passages"]
    wanted = f"the OCR engine's {engine:.1%}"
    return [Check("characters right in the passages", wanted, f"{passages:.1%}", passages >= engine - ROUNDING)]


def _files(result: Result) -> list[Check]:
    return [
        _none("odd files without a stated status", len(result["without_status"])),
        _none("readable files that ended empty", len(result["readable_but_empty"])),
        _below("seconds to read the slowest, OCR apart", FILE_SECONDS, result["slowest_seconds"]),
        _below("MB to read the largest", FILE_MEGABYTES, result["largest_megabytes"]),
    ]


def _none(what: str, found: int) -> Check:
    return Check(what, "0", f"{found:g}", found == 0)


def _some(what: str, found: int) -> Check:
    """Without them the load met no quota, and showed nothing."""
    return Check(what, "more than 0", f"{found:g}", found > 0)


def _below(what: str, limit: float, found: float, *, known: bool = True) -> Check:
    return Check(what, f"below {limit:,g}", f"{found:,g}", found < limit if known or found >= limit else None)


CHECKS: Mapping[str, Callable[[Result], list[Check]]] = {
    "speed": _speed,
    "sizes": _sizes,
    "cost": _cost,
    "burst": _burst,
    "questions": _questions,
    "receipts": _receipts,
    "files": _files,
}
