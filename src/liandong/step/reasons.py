"""Reasons as data: codes with points, and their words from the catalogue."""

import re

import pyarrow as pa

from liandong.schema.arrow import REASON
from liandong.texts import catalogue, text


def reason_list(rows: list[list[tuple[str, int]]]) -> pa.Array:
    """Return a ``reasons`` column of one list of (code, points) a row."""
    return pa.array([[{"code": c, "points": p} for c, p in row] for row in rows], pa.list_(REASON))


_ARGUMENT = re.compile(r"^([a-z0-9_.]+)(?:\((.*)\))?$")


def reason_text(code: str, points: int, lang: str) -> str:
    """Say a reason in words; ``code`` may carry one argument: ``score.bin(growth)``.

    An argument that is itself in the catalogue (``measure.ARGUMENT``) is named by its label.
    """
    match = _ARGUMENT.match(code)
    base, argument = (match[1], match[2] or "") if match else (code, "")
    label = catalogue().get(f"measure.{argument}")
    named = label[lang] if label else argument
    return text(f"reason.{base.replace('.', '_')}", lang, what=named, points=points)
