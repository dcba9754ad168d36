"""What counted work costs, from one dated list of prices."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class TokenPrice:
    """USD for a million tokens in and out."""

    input: float
    output: float = 0.0


@cache
def _prices() -> dict[str, Any]:
    prices: dict[str, Any] = json.loads(files("docqa").joinpath("prices.json").read_text("utf-8"))
    return prices


def token_price(model: str) -> TokenPrice:
    """The price of a model's tokens.

    0 for models that are not in the list: endpoints are paid by the hour, whether they are asked or not.
    """
    # An inference profile's id is the model's with a region in front; a version follows the model's name.
    for name, price in _prices()["models_per_million_tokens"].items():
        if model.startswith(name) or f".{name}" in model:
            return TokenPrice(**price)
    return TokenPrice(0.0)


def rerank_queries(passages: int) -> int:
    """How many queries of a reranking model so many passages count as."""
    return -(-passages // int(_prices()["reranking"]["passages_per_query"]))


def reranking_usd(model: str, passages: int) -> float:
    """Cost in USD of reading so many passages with a question; 0 for endpoints, which are paid by the hour.

    A passage that has, with the question, more than 500 tokens counts as several; docqa's are shorter.
    """
    prices = _prices()["reranking"]["per_thousand_queries"]
    price = next((usd for name, usd in prices.items() if model.startswith(name)), 0.0)
    return rerank_queries(passages) * float(price) / 1000


def extraction_usd(pages: int, features: Iterable[str]) -> float:
    """Cost of extracting so many pages in USD.

    Args:
        pages: How many.
        features: What is extracted of each: `text`, `layout`, `tables`, `forms`; each has its price.
    """
    prices = _prices()["textract_per_page"]
    return float(sum(pages * prices[feature] for feature in features))


def tokens_usd(model: str, input_tokens: int, output_tokens: int = 0, *, batch: bool = False) -> float:
    """Cost of so many tokens in USD; `batch`: by batch inference."""
    price = token_price(model)
    usd = (input_tokens * price.input + output_tokens * price.output) / _MILLION
    return usd * float(_prices()["batch_share"]) if batch else usd


def instance_hours_usd(instance_type: str, hours: float) -> float:
    """Cost in USD of an instance of SageMaker for so many hours, whether it is asked or not.

    Raises:
        KeyError: the list has no price of this type.
    """
    return float(_prices()["sagemaker"]["hosting_per_instance_hour"][instance_type]) * hours


def serverless_usd(megabytes: int, seconds: float) -> float:
    """Cost in USD of so many seconds of work of a serverless endpoint with so much memory."""
    return float(_prices()["sagemaker"]["serverless_per_gigabyte_second"]) * megabytes / 1024 * seconds
