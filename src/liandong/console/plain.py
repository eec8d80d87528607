"""Data as programs read them: JSON with money in fen, rates in ppm, days and times in ISO form."""

import json
from dataclasses import asdict, is_dataclass
from datetime import date
from typing import Any


def plain_json(data: dict[str, Any]) -> bytes:
    """Write the data twin of a page, or a row."""
    return json.dumps(data, ensure_ascii=False, default=plain, allow_nan=False).encode()


def plain(value: object) -> object:
    """Return as text or as a dict what JSON has no words for."""
    if isinstance(value, date):  # and times, which are dates too
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
