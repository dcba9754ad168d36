"""Hashes of the settings that decide a result: the same hash over the same bytes needs no second run."""

from __future__ import annotations

import json
from collections.abc import Mapping

from docqa.ids import content_id


def settings_hash(settings: Mapping[str, object]) -> str:
    """16 hex characters over names and values, whatever their order."""
    return content_id(json.dumps(dict(settings), sort_keys=True, default=str), length=16)
