"""Pages a second, end to end and by stage, against the plain script on the same files in the same run."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

import httpx
import pypdfium2

from benchmarks.ingest.bench import Bench
from benchmarks.ingest.executions import executions_since, histories, stage_seconds
from benchmarks.ingest.load import Load, require_indexed
from benchmarks.ingest.material import born_digital, pdf_of, unseen
from cli.errors import CommandError
from devstack.settings import REPOSITORY

# Fewer pages say more about the start than about the pace.
LEAST_PAGES = 100


def measure(bench: Bench) -> dict[str, Any]:
    """Without and with the embedding model."""
    files = _files(bench.choices.data)
    pages = sum(_pages(content) for _, content in files)
    bench.say(f"  {len(files)} born-digital PDFs, {pages} pages")
    _warm_up(bench, len(files))
    result: dict[str, Any] = {"documents": len(files), "pages": pages}
    with bench.without_embedding_model():
        result["without_embedding"] = {"docqa": _docqa(bench, files), "plain": _plain(bench, files, models=None)}
    models = bench.urls.models_url
    result["with_embedding"] = {"docqa": _docqa(bench, files), "plain": _plain(bench, files, models=models)}
    for compared in (result["without_embedding"], result["with_embedding"]):
        compared["times_the_plain_script"] = round(
            compared["docqa"]["pages_a_second"] / compared["plain"]["pages_a_second"], 2
        )
    return result


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    rows = [
        f"{result['documents']} born-digital PDFs, {result['pages']} pages, dropped at once; functions warm.",
        "",
        "| | docqa, pages/s | plain script, pages/s | docqa is |",
        "|---|---|---|---|",
    ]
    for name, title in (("without_embedding", "without embedding model"), ("with_embedding", "with it")):
        one = result[name]
        docqa, plain = one["docqa"]["pages_a_second"], one["plain"]["pages_a_second"]
        rows.append(f"| {title} | {docqa:.1f} | {plain:.1f} | {one['times_the_plain_script']:.2f} times as fast |")
    rows += ["", "Seconds by stage, over all documents (docqa's stages run side by side):", ""]
    for name in ("without_embedding", "with_embedding"):
        for who in ("docqa", "plain"):
            stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in result[name][who]["stages"].items())
            rows.append(f"- {name.replace('_', ' ')}, {who}: {stages}")
    return rows


def _files(data: Path | None) -> list[tuple[str, bytes]]:
    """Each a file that the stack has never seen; repeated until there is something to measure."""
    originals = born_digital(data)
    pages = sum(_pages(content) for _, content in originals)
    times = -(-LEAST_PAGES // pages)
    return [(f"{turn}-{name}", unseen(content)) for turn in range(times) for name, content in originals]


def _pages(content: bytes) -> int:
    with contextlib.closing(pypdfium2.PdfDocument(content)) as document:
        return len(document)


def _warm_up(bench: Bench, documents: int) -> None:
    """As many as will be measured: the events of so many come at once, and each has a process of its own."""
    load = Load(bench)
    load.drop((f"warm-up-{number}.pdf", unseen(pdf_of(2))) for number in range(documents))
    require_indexed(load.follow(bench.choices.seconds))
    load.remove()


def _docqa(bench: Bench, files: list[tuple[str, bytes]]) -> dict[str, Any]:
    load = Load(bench)
    fresh = [(name, unseen(content)) for name, content in files]
    began = load.drop(fresh)
    ended = load.follow(bench.choices.seconds)
    require_indexed(ended)
    seconds = max(load.dropped[one.document_id][1] + (one.seconds or 0.0) for one in ended) - began
    stages = stage_seconds(histories(bench, executions_since(bench, began, load.dropped)))
    load.remove()
    pages = sum(one.pages for one in ended)
    return {
        "seconds": round(seconds, 2),
        "pages": pages,
        "chunks": sum(one.chunks for one in ended),
        "pages_a_second": round(pages / seconds, 2),
        "pages_at_textract": sum(one.ocr for one in ended),
        "stages": stages,
    }


def _plain(bench: Bench, files: list[tuple[str, bytes]], models: str | None) -> dict[str, Any]:
    index = f"plain-{uuid.uuid4().hex[:8]}"
    command = [sys.executable, "-m", "benchmarks.ingest.plain_script", "--index", index]
    command += ["--opensearch", bench.urls.opensearch_url, *(["--models", models] if models else [])]
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files:
            (Path(folder) / name).write_bytes(content)
        paths = [str(Path(folder) / name) for name, _ in files]
        done = subprocess.run([*command, *paths], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    httpx.delete(f"{bench.urls.opensearch_url}/{index}", trust_env=False, timeout=60)
    if done.returncode != 0:
        raise CommandError(f"The plain script failed: {done.stderr.strip().splitlines()[-1]}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result | {"pages_a_second": round(result["pages"] / result["seconds"], 2)}
