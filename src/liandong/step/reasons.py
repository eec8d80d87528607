"""Reasons as data: codes with points, and their words from the catalogue."""

import re

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.schema.arrow import REASON
from liandong.texts import catalogue, text


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
        self._here: list[NDArray[np.bool_]] = []

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
        codes = pa.repeat(code, self._rows) if isinstance(code, str) else code
        given = np.ones(self._rows, bool) if here is None else here
        self._codes.append(codes)
        self._points.append(np.broadcast_to(np.asarray(points, np.int64), (self._rows,)))
        self._here.append(given & codes.is_valid().to_numpy(zero_copy_only=False))

    def any(self) -> NDArray[np.bool_]:
        """Tell which rows have a reason."""
        return np.asarray(np.any([np.zeros(self._rows, bool), *self._here], axis=0))

    def column(self, *, heaviest_first: bool = False) -> pa.Array:
        """Return the ``reasons`` of all rows, in the order in which they were added.

        Parameters
        ----------
        heaviest_first
            Put those with most points, up or down, first; equals stay in order.
        """
        flat = pa.concat_arrays([*self._codes, pa.array([], pa.string())])
        shape = (len(self._codes), self._rows)
        points = np.array(self._points, np.int64).reshape(shape).T
        here = np.array(self._here, bool).reshape(shape).T
        place = np.broadcast_to(np.arange(shape[0]), shape[::-1])
        if heaviest_first:
            place = np.argsort(-np.abs(points), axis=1, kind="stable")
        row = np.arange(self._rows)[:, None]
        some = here[row, place]
        codes = flat.take(pa.array((place * self._rows + row)[some]))
        reasons = pa.StructArray.from_arrays(
            [codes, pa.array(points[row, place][some])], fields=list(REASON)
        )
        ends = np.append(0, np.cumsum(some.sum(axis=1))).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(ends), reasons)


_ARGUMENT = re.compile(r"^([a-z0-9_.]+)(?:\((.*)\))?$")


def reason_text(code: str, points: int, lang: str) -> str:
    """Say a reason in words; ``code`` may carry one argument: ``score.bin(growth)``.

    An argument that is itself in the catalogue (``measure.ARGUMENT``) is named by its label. A
    code without words, as a step of somebody's own may give, stands for itself.
    """
    match = _ARGUMENT.match(code)
    base, argument = (match[1], match[2] or "") if match else (code, "")
    label = catalogue().get(f"measure.{argument}")
    named = label[lang] if label else argument
    words = f"reason.{base.replace('.', '_')}"
    return text(words, lang, what=named, points=points) if words in catalogue() else code
