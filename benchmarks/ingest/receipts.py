"""OCR of scanned receipts: is anything lost between the engine and the passage?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ingest.bench import Bench
from benchmarks.ingest.load import TENANT, Load
from cli.errors import CommandError
from devstack.modelserver.models.ocr import RapidOcr
from devstack.modelserver.pages import PagePictures
from devstack.modelserver.settings import ModelServerSettings

MOST = 50


def measure(bench: Bench) -> dict[str, Any]:
    """Each receipt by the engine alone, and by the whole flow, against what people typed."""
    if bench.choices.data is None:
        raise CommandError("This part needs the folder of real files: --data DIR.")
    pictures = sorted((bench.choices.data / "receipts" / "img").glob("*.jpg"))[:MOST]
    load = Load(bench)
    load.drop((picture.name, picture.read_bytes()) for picture in pictures)
    ended = {one.name: one for one in load.follow(bench.choices.seconds)}
    engine, rows = RapidOcr(threads=ModelServerSettings.threads), []
    for picture in pictures:
        truth = normalised(truth_of(picture))
        alone = normalised(_engine_text(engine, picture))
        one = ended[picture.name]
        whole = normalised(passages(bench, one.document_id)) if one.chunks else ""
        rows.append(
            {
                "name": picture.name,
                "status": one.status,
                "engine": accuracy(alone, truth),
                "passages": accuracy(whole, truth),
                "kept": accuracy(whole, alone),
            }
        )
    load.remove()
    means = {key: round(float(np.mean([row[key] for row in rows])), 4) for key in ("engine", "passages", "kept")}
    return {"receipts": rows, **means}


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    return [
        f"{len(result['receipts'])} receipts; characters right against what people typed, box by box, by edit distance",
        "without regard to white space and case. Mean over receipts.",
        "",
        "| | |",
        "|---|---|",
        f"| OCR engine alone | {result['engine']:.1%} |",
        f"| text of the passages | {result['passages']:.1%} |",
        f"| the engine's characters that are in the passages, in order | {result['kept']:.1%} |",
    ]


def accuracy(found: str, truth: str) -> float:
    """1 minus edits per character of the truth, at least 0."""
    return round(max(0.0, 1 - distance(found, truth) / max(1, len(truth))), 4)


def distance(one: str, other: str) -> int:
    """Levenshtein's: insertions, deletions and replacements."""
    letters = np.array([ord(letter) for letter in other])
    positions = np.arange(len(other) + 1)
    row = positions.copy()
    for number, letter in enumerate(one, start=1):
        replaced = row[:-1] + (letters != ord(letter))
        best = np.concatenate(([number], np.minimum(replaced, row[1:] + 1)))
        # An insertion comes from the left: the running minimum of what is left of a place, one more for each step.
        row = np.minimum.accumulate(best - positions) + positions
    return int(row[-1])


def normalised(text: str) -> str:
    """Without white space and case: boxes say nothing of either."""
    return "".join(text.split()).upper()


def truth_of(picture: Path) -> str:
    """What people typed, in the order of their boxes."""
    boxes = next(file for file in picture.parent.parent.glob(f"*/{picture.stem}.*") if file.suffix in {".csv", ".txt"})
    # Eight coordinates and the text, which may hold commas itself.
    lines = boxes.read_text("utf-8", "replace").splitlines()
    return "\n".join(line.split(",", 8)[8] for line in lines if line.count(",") >= len("xyxyxyxy"))


def passages(bench: Bench, document_id: str) -> str:
    """Text of the document's passages, in order and each character once."""
    s3, bucket = bench.client("s3"), bench.stack.output("WorkBucketName")
    prefix = f"{TENANT}/documents/{document_id}/1/chunks"
    text, seen = "", 0
    for listed in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]:
        for line in s3.get_object(Bucket=bucket, Key=listed["Key"])["Body"].read().splitlines():
            chunk = json.loads(line)
            header = chunk.get("header", "")
            text += header if chunk["start"] >= seen and header not in text else ""
            text += chunk["text"][max(0, seen - chunk["start"]) :]
            seen = max(seen, chunk["end"])
    return text


def _engine_text(engine: RapidOcr, picture: Path) -> str:
    pages = PagePictures(picture.read_bytes(), ModelServerSettings.ocr_dpi).each()
    return "\n".join(line.text for page in pages if page is not None for line in engine.read(page))
