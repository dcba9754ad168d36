"""The script that one would write in an afternoon: pypdf reads, LangChain splits, opensearch-py indexes. One process.

    python -m benchmarks.ingest.plain_script --opensearch URL --index NAME [--models URL] FILE…

With --models every chunk is embedded by that server, the same one that docqa uses; without, its vector is made up.
It prints one line of JSON: pages, chunks, and seconds by stage. Imports are not counted.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pypdf
from langchain_text_splitters import RecursiveCharacterTextSplitter
from opensearchpy import OpenSearch, helpers

MODEL, DIMENSIONS = "cohere.embed-english-v3", 384
TEXTS_A_CALL = 96
CHUNK_CHARACTERS, OVERLAP = 1200, 150
MAPPING: dict[str, Any] = {
    "settings": {"index": {"knn": True, "number_of_replicas": 0}},
    "mappings": {
        "properties": {
            "text": {"type": "text", "analyzer": "english"},
            "file": {"type": "keyword"},
            "page": {"type": "integer"},
            "vector": {
                "type": "knn_vector",
                "dimension": DIMENSIONS,
                "method": {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"},
            },
        }
    },
}


def main() -> None:
    """Read, split, embed, index."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--opensearch", required=True)
    parser.add_argument("--index", required=True)
    parser.add_argument("--models")
    parser.add_argument("files", nargs="+", type=Path)
    chosen = parser.parse_args()
    search = OpenSearch(chosen.opensearch, timeout=60)
    search.indices.create(index=chosen.index, body=MAPPING)
    seconds: defaultdict[str, float] = defaultdict(float)
    pages = chunks = 0
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_CHARACTERS, chunk_overlap=OVERLAP)
    began = time.perf_counter()
    for file in chosen.files:
        at = time.perf_counter()
        texts = list(read(file))
        at = lap(seconds, "read", at)
        passages = [(page, text) for page, whole in enumerate(texts, 1) for text in splitter.split_text(whole)]
        at = lap(seconds, "split", at)
        vectors = embed([text for _, text in passages], chosen.models)
        at = lap(seconds, "embed", at)
        helpers.bulk(
            search,
            (
                {"_index": chosen.index, "file": file.name, "page": page, "text": text, "vector": vector}
                for (page, text), vector in zip(passages, vectors, strict=True)
            ),
        )
        lap(seconds, "index", at)
        pages, chunks = pages + len(texts), chunks + len(passages)
    search.indices.refresh(index=chosen.index)
    total = time.perf_counter() - began
    print(json.dumps({"pages": pages, "chunks": chunks, "seconds": total, "stages": dict(seconds)}))


def read(file: Path) -> Iterator[str]:
    """Text of each page."""
    reader = pypdf.PdfReader(file)
    if reader.is_encrypted:
        reader.decrypt("")
    for page in reader.pages:
        yield page.extract_text()


def embed(texts: Sequence[str], models: str | None) -> list[list[float]]:
    """A vector for each text."""
    if models is None:
        made_up: list[list[float]] = np.random.default_rng(0).normal(size=(len(texts), DIMENSIONS)).tolist()
        return made_up
    bedrock = boto3.client(
        "bedrock-runtime",
        endpoint_url=models,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # the model server takes any
    )
    vectors: list[list[float]] = []
    for start in range(0, len(texts), TEXTS_A_CALL):
        body = {"texts": list(texts[start : start + TEXTS_A_CALL]), "input_type": "search_document", "truncate": "END"}
        answer = bedrock.invoke_model(modelId=MODEL, body=json.dumps(body))
        vectors += json.loads(answer["body"].read())["embeddings"]
    return vectors


def lap(seconds: defaultdict[str, float], stage: str, since: float) -> float:
    """Add the time since then to a stage; the time now."""
    now = time.perf_counter()
    seconds[stage] += now - since
    return now


if __name__ == "__main__":
    main()
