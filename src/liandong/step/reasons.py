"""Reasons as data: codes with points, and their words from the catalogue."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.schema.arrow import REASON
from liandong.texts import catalogue, text
from liandong.types import Money, Rate


def reason_list(rows: list[list[tuple[str, int]]]) -> pa.Array:
    """Return a ``reasons`` column of one list of (code, points) a row."""
    return pa.array([[{"code": c, "points": p} for c, p in row] for row in rows], pa.list_(REASON))


class Reasons:
    """Reasons of many rows at once, gathered code by code.

    Parameters
    ----------
    rows
        Number of rows.

    Examples
    --------
    >>> found = Reasons(2)
    >>> found.add("match.term", np.array([12, 6]), np.array([True, False]))
    >>> found.column().to_pylist()
    [[{'code': 'match.term', 'points': 12}], []]
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._codes: list[pa.Array] = []
        self._points: list[NDArray[np.int64]] = []
        self._at: list[NDArray[np.int64]] = []

    def add(
        self,
        code: str | pa.Array,
        points: NDArray[np.int64] | int = 0,
        here: NDArray[np.bool_] | None = None,
    ) -> None:
        """Give a reason to the rows that are ``here`` (to all if None).

        Parameters
        ----------
        code
            The same for all rows, or one a row; a null is no reason.
        points
            The same for all rows, or one a row.
        here
            Shape (rows,).
        """
        given = np.ones(self._rows, bool) if here is None else here
        if not isinstance(code, str):
            given = given & code.is_valid().to_numpy(zero_copy_only=False)
        at = np.flatnonzero(given)
        if not len(at):
            return
        codes = pa.repeat(code, len(at)) if isinstance(code, str) else code.take(pa.array(at))
        self._codes.append(codes)
        self._points.append(np.broadcast_to(np.asarray(points, np.int64), (self._rows,))[at])
        self._at.append(at)

    def any(self) -> NDArray[np.bool_]:
        """Tell which rows have a reason."""
        found = np.zeros(self._rows, bool)
        for at in self._at:
            found[at] = True
        return found

    def column(self, *, heaviest_first: bool = False) -> pa.Array:
        """Return the ``reasons`` of all rows, in the order in which they were added.

        Parameters
        ----------
        heaviest_first
            Put those with most points, up or down, first; equals stay in order.
        """
        none = np.zeros(0, np.int64)
        row, points = np.concatenate([*self._at, none]), np.concatenate([*self._points, none])
        order = np.lexsort((-np.abs(points), row)) if heaviest_first else row.argsort(kind="stable")
        codes = pa.concat_arrays([*self._codes, pa.array([], pa.string())])
        reasons = pa.StructArray.from_arrays(
            [codes.take(pa.array(order)), pa.array(points[order])], fields=list(REASON)
        )
        ends = np.append(0, np.cumsum(np.bincount(row, minlength=self._rows))).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(ends), reasons)


class _Said(int):
    """A whole number as texts write it: thousands apart, and with a proper minus."""

    def __format__(self, spec: str) -> str:
        return format(int(self), spec or ",").replace("-", "\N{MINUS SIGN}")


_ARGUMENT = re.compile(r"^([a-z0-9_.]+)(?:\((.*)\))?$")


def says_points(reason: Mapping[str, Any]) -> bool:
    """Tell whether the words of a reason name its points already."""
    base = str(reason["code"]).partition("(")[0].replace(".", "_")
    words = catalogue().get(f"reason.{base}", {}).get("en", "")
    return any(said in words for said in ("{points}", "{share}", "{yuan}"))


def reason_text(
    code: str, points: int | None, lang: str, write: Callable[[int], str] | None = None
) -> str:
    """Say a reason in words; ``code`` may carry one argument: ``score.bin(growth)``.

    An argument that is itself in the catalogue (``measure.ARGUMENT``) is named by its label. Words
    may write the points as they are, as parts per million (``{share}``) or as fen (``{yuan}``);
    where they differ from row to row (None) there are dots. A code without words, as a step of
    somebody's own may give, stands for itself.
    """
    match = _ARGUMENT.match(code)
    base, argument = (match[1], match[2] or "") if match else (code, "")
    label = catalogue().get(f"measure.{argument}")
    named = label[lang] if label else argument
    words = f"reason.{base.replace('.', '_')}"
    if words not in catalogue():
        return code
    if points is None:
        return text(words, lang, what=named, points="…", share="…", yuan="…")
    said = write(points) if write else _Said(points)
    yuan = Money(points).yuan().replace("-", "\N{MINUS SIGN}")
    return text(words, lang, what=named, points=said, share=Rate(points), yuan=yuan)
