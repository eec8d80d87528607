"""A scorecard made ready to score: many rows in threads, or one row in microseconds."""

from bisect import bisect_left
from collections.abc import Container, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandong.assess.card.scorecard import Characteristic, Scorecard
from liandong.kernels.scores.coding import padded
from liandong.kernels.scores.scoring import Packed, score_rows

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

CHUNK = 65_536
"""Fewest rows that are worth a thread of their own."""

Value = float | str | None


class Scorer:
    """The points of a scorecard, for many rows or one; equal to ``base`` plus ``parts``.

    Parameters
    ----------
    card
        The scorecard.
    threads
        Chunks of rows scored at the same time.

    Examples
    --------
    >>> size = Characteristic(measure="size", trend="descending", edges=(5.0,), iv=0.1,
    ...     coefficient=1.0, woe=(-0.5, 0.7, 0.0), points=(-14, 20, 0))
    >>> card = Scorecard(base=500, characteristics=(size,), rows=9, bads=3, auc=0.5, auc_low=0,
    ...     auc_high=1)
    >>> scorer = Scorer(card)
    >>> scorer({"size": 7.5}), scorer([None]), scorer({"size": 7.5}, withheld={"size"})
    (520, 500, 500)
    >>> scorer.points(np.array([[3.0], [7.5]]))
    array([486, 520])
    """

    def __init__(self, card: Scorecard, threads: int = 2) -> None:
        self.card = card
        self.threads = threads
        self._packed = _pack(card)
        self._names = card.measures
        self._terms = [_term(c) for c in card.characteristics]
        place = {m: j for j, m in enumerate(self._names)}
        self._pairs = [
            (place[p.measures[0]], place[p.measures[1]], [(*r, 0) for r in p.points])
            for p in card.pairs
        ]

    def __call__(
        self, row: Mapping[str, Value] | Sequence[Value], withheld: Container[str] = ()
    ) -> int:
        """Return the points of one row.

        Parameters
        ----------
        row
            Values by measure, or in the order of the characteristics; None or NaN where absent.
        withheld
            Measures that were not shared.
        """
        if isinstance(row, Mapping):
            row = [row[n] for n in self._names]
        if withheld or self._pairs:
            return self._by_cells(row, withheld)
        total = self.card.base
        for value, (edges, points, absent, levels) in zip(row, self._terms, strict=True):
            if value is None or value != value:  # noqa: PLR0124 - NaN is not itself
                total += points[absent]
            elif levels is None:
                total += points[bisect_left(edges, value)]
            else:
                total += points[levels.get(value, absent + 1)]  # type: ignore[arg-type]
        return total

    def _by_cells(self, row: Sequence[Value], withheld: Container[str]) -> int:
        """Return the points of a row from the cells it falls in, which pairs need."""
        total, cells = self.card.base, []
        for name, value, (edges, points, absent, levels) in zip(
            self._names, row, self._terms, strict=True
        ):
            if name in withheld:
                cell = absent + 1
            elif value is None or value != value:  # noqa: PLR0124 - NaN is not itself
                cell = absent
            elif levels is None:
                cell = bisect_left(edges, value)
            else:
                cell = levels.get(value, absent + 1)  # type: ignore[arg-type]
            total += points[cell]
            cells.append(cell)
        for first, second, table in self._pairs:
            if cells[first] < len(table):
                total += table[cells[first]][cells[second]]
        return total

    def points(self, values: Float | Sequence[Any], withheld: Bool | None = None) -> Int:
        """Return the points of many rows, shape (rows,).

        Parameters
        ----------
        values
            Shape (rows, characteristics), NaN where absent; a card with categories takes a
            sequence of columns instead, see :meth:`Characteristic.cells`.
        withheld
            Which of them were not shared; none if None.
        """
        if isinstance(values, np.ndarray):
            found = np.asarray(values, np.float64)
            if found.shape[1:] != (len(self._terms),):
                raise ValueError(f"shape {found.shape}: {len(self._terms)} columns are needed")
        else:
            found, withheld = self._numbers(values, withheld)
        hidden = np.empty((0, 0), bool) if withheld is None else withheld
        out = np.empty(len(found), np.int64)
        size = max(CHUNK, -(-len(found) // self.threads))
        chunks = [slice(a, a + size) for a in range(0, len(found), size)]

        def work(rows: slice) -> None:
            score_rows(
                found[rows], hidden[rows] if hidden.size else hidden, self._packed, out[rows]
            )

        if len(chunks) == 1:
            work(chunks[0])
        elif chunks:
            with ThreadPoolExecutor(self.threads) as pool:
                list(pool.map(work, chunks))
        return out

    def _numbers(self, columns: Sequence[Any], withheld: Bool | None) -> tuple[Float, Bool | None]:
        """Return columns side by side, categories as numbers of their cells; unseen as withheld."""
        rows = len(columns[0]) if len(columns) else 0
        found = np.empty((rows, len(self._terms)), np.float64, order="F")
        for j, (c, column) in enumerate(zip(self.card.characteristics, columns, strict=True)):
            if not c.levels:
                found[:, j] = column
                continue
            cells = c.cells(column)
            found[:, j] = np.where(cells == c.bins, np.nan, cells)
            if (cells > c.bins).any():
                withheld = np.zeros(found.shape, bool) if withheld is None else withheld.copy()
                withheld[:, j] |= cells > c.bins
        return found, withheld


Term = tuple[tuple[float, ...], tuple[int, ...], int, dict[str, int] | None]
"""Edges, points of the cells (the silent one, 0, last), the cell of absent values, and that of
each level of a category."""


def _term(c: Characteristic) -> Term:
    bin_of = {v: i for i, group in enumerate(c.levels) for v in group}
    return c.edges, (*c.points, 0), c.bins, bin_of if c.levels else None


def _pack(card: Scorecard) -> Packed:
    terms = card.characteristics
    # A category arrives as the numbers of its cells: 0, 1, ...
    edges = [padded(np.arange(c.bins - 1.0) if c.levels else np.array(c.edges)) for c in terms]
    points = [np.array([*c.points, 0], np.int64) for c in terms]
    place = {c.measure: j for j, c in enumerate(terms)}
    tables = [np.pad(np.array(p.points, np.int64), (0, 1)).ravel() for p in card.pairs]
    pairs = [[place[m] for m in p.measures] for p in card.pairs]
    return Packed(
        card.base,
        *_flat(edges, np.float64),
        *_flat(points, np.int64),
        np.array(pairs, np.int64).reshape(-1, 2),
        *_flat(tables, np.int64),
    )


def _flat(parts: list[NDArray[Any]], kind: type) -> tuple[NDArray[Any], Int]:
    """Return arrays as one, and where each begins and the last ends."""
    begin = np.cumsum([0, *map(len, parts)])
    return (np.concatenate(parts) if parts else np.empty(0)).astype(kind), begin
