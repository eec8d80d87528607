"""Count tables: what bins are fitted from. Tables of several regions add up; no rows travel."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from liandong.assess.binning.choice import Certificate, choose, evidence, fingerprint
from liandong.assess.binning.ladder import Scratch, ladder, rungs
from liandong.errors import UsageError
from liandong.kernels.scores.binning import Limits
from liandong.kernels.scores.coding import count_cells, padded
from liandong.texts import both

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

NONE = np.empty(0, np.int64)


@dataclass(frozen=True)
class Counts:
    """Non-events and events of one column in each cell.

    Attributes
    ----------
    cuts
        Candidate edges, ascending (a value belongs below the edge that it equals); or the levels
        of a category.
    specials
        Special codes, each a cell of its own.
    table
        Shape (cohorts, 2, cells): the cells with values, the special codes, absent values last.
    """

    cuts: Float | list[str]
    specials: tuple[float, ...]
    table: Int

    @property
    def cells(self) -> int:
        """How many cells there are for values, beside special codes and absent values."""
        return len(self.cuts) + (not isinstance(self.cuts, list))

    def __add__(self, other: "Counts") -> "Counts":
        """Return the counts of both: bins fitted from them are those of the pooled rows."""
        cohorts = max(len(self.table), len(other.table))
        if isinstance(self.cuts, list) and isinstance(other.cuts, list):
            levels = sorted({*self.cuts, *other.cuts})
            table = self._spread(levels, cohorts) + other._spread(levels, cohorts)
            return replace(self, cuts=levels, table=table)
        if self.specials != other.specials or not np.array_equal(self.cuts, other.cuts):
            raise UsageError(what=both("fault.other_counts"), remedy=both("advice.same_counts"))
        return replace(self, table=_longer(self.table, cohorts) + _longer(other.table, cohorts))

    def _spread(self, levels: list[str], cohorts: int) -> Int:
        """Return the table with a cell for each of more levels."""
        at = np.searchsorted(levels, self.cuts)
        table = np.zeros((cohorts, 2, len(levels) + 1), np.int64)
        table[:, :, [*at, len(levels)]] = _longer(self.table, cohorts)
        return table

    def fit(self, trends: tuple[str, ...], limits: Limits, prebins: int) -> "Fitted":
        """Return the optimal bins. Levels are put in order of their event rate first.

        Over all ways to group levels into so many bins, one in order of the event rate is best
        (for a convex divergence and without a least size); so a category has one trend.
        """
        seen = self.table[self.table.any(axis=(1, 2))]  # a cohort without rows says nothing
        if not isinstance(self.cuts, list):
            values = seen[:, :, : self.cells]
            ends, certificate = choose(values, trends, limits, fingerprint(self.cuts))
            counts, woe = evidence(seen, ends, limits.min_rows)
            return Fitted(self.cuts[ends[:-1]], self.specials, counts, woe, certificate)
        order = _by_rate(self.cuts, seen.sum(axis=0))
        levels = [self.cuts[i] for i in order]
        table = seen[:, :, [*order, len(order)]]
        if not levels:
            table = np.pad(table, ((0, 0), (0, 0), (1, 0)))  # an empty bin
        last = _last(table, prebins)
        starts = np.concatenate([[0], last[:-1] + 1])
        table = np.concatenate(
            [np.add.reduceat(table[:, :, :-1], starts, axis=2), table[:, :, -1:]], axis=2
        )
        ends, certificate = choose(table[:, :, :-1], ("ascending",), limits, fingerprint(levels))
        counts, woe = evidence(table, ends, limits.min_rows)
        stops = last[ends] + 1
        begins = np.concatenate([[0], stops[:-1]])
        groups = [sorted(levels[a:b]) for a, b in zip(begins, stops, strict=True)]
        return Fitted(groups, self.specials, counts, woe, certificate)


@dataclass(frozen=True)
class Fitted:
    """Optimal bins of one column.

    Attributes
    ----------
    cuts
        Edges, ascending; or the levels of each bin.
    specials
        Special codes.
    counts
        Shape (2, cells): non-events and events of each bin, special code, and of absent values.
    woe
        Weight of evidence of each cell.
    certificate
        What was proved.
    """

    cuts: Float | list[list[str]]
    specials: tuple[float, ...]
    counts: Int
    woe: Float
    certificate: Certificate


def _longer(table: Int, cohorts: int) -> Int:
    """Return a table with more cohorts, all of them empty."""
    return np.pad(table, ((0, cohorts - len(table)), (0, 0), (0, 0)))


def _by_rate(levels: list[str], counts: Int) -> list[int]:
    """Return the levels in order of event rate, by name among equals; exactly, as fractions."""
    from fractions import Fraction

    rates = [Fraction(int(b), max(1, int(a + b))) for a, b in counts.T[: len(levels)]]
    return sorted(range(len(levels)), key=lambda i: (rates[i], levels[i]))


def _last(table: Int, prebins: int) -> Int:
    """Return the last level of each prebin; the levels are in order of their event rate."""
    pooled = table.sum(axis=0)
    below = np.zeros((2, pooled.shape[1]), np.int64)
    below[:, 1:] = np.cumsum(pooled[:, :-1], axis=1)
    every = np.arange(below.shape[1], dtype=np.int32)
    cuts = rungs(below.sum(axis=0), below[1], every, prebins, int(pooled.sum()))
    return np.append(cuts - 1, max(0, pooled.shape[1] - 2))


def candidates(
    values: Float, bad: Bool, weight: Int, prebins: int, specials: tuple[float, ...] = ()
) -> Float:
    """Return the candidate edges of a numeric column (see ``rungs``).

    Parameters
    ----------
    values, bad, weight
        Values (NaN where absent), outcomes, and rows that each stands for (empty: one).
    prebins
        Quantiles among the candidates; all cuts are if there are no more distinct values.
    specials
        Special codes.
    """
    found = ladder(values, bad, weight, np.array(specials, np.float64))
    rows = int(weight.sum()) if len(weight) else len(values)
    return found.edges(rungs(found.rows, found.bads, found.some, prebins, rows))


def tabulate(
    values: Float, bad: Bool, prebins: int, specials: tuple[float, ...] = (),
    cohort: Int | None = None, weight: Int | None = None, scratch: Scratch | None = None,
) -> Counts:  # fmt: skip
    """Count a numeric column on its own candidate edges.

    Parameters
    ----------
    values, bad
        Row by row; NaN where absent, not infinite.
    prebins
        As for ``candidates``.
    specials, cohort, weight
        As for ``count``.
    scratch
        Room to work in.
    """
    if weight is not None or cohort is not None:
        edges = candidates(values, bad, NONE if weight is None else weight, prebins, specials)
        return count(values, bad, edges, specials, cohort, weight)
    found = ladder(values, bad, NONE, np.array(specials, np.float64), scratch)
    cuts = rungs(found.rows, found.bads, found.some, prebins, len(values))
    below = np.array([found.rows, found.bads])[:, [0, *cuts, -1]]
    others = [[m.sum(), bad[m].sum()] for m in (values == c for c in specials)]
    cells = np.hstack([np.diff(below), np.reshape(others, (-1, 2)).T])
    absent = [len(bad), np.count_nonzero(bad)] - cells.sum(axis=1)
    rows, bads = np.column_stack([cells, absent]).astype(np.int64)
    return Counts(found.edges(cuts), specials, np.array([[rows - bads, bads]]))


def count(
    values: Float, bad: Bool, edges: Float, specials: tuple[float, ...] = (),
    cohort: Int | None = None, weight: Int | None = None,
) -> Counts:  # fmt: skip
    """Count a numeric column on fixed edges, in one pass.

    Parameters
    ----------
    values, bad
        Row by row; NaN where absent.
    edges
        Candidate edges, ascending.
    specials
        Special codes.
    cohort, weight
        Cohort of each row (0, 1, ...) and rows that it stands for.
    """
    cohort, weight = NONE if cohort is None else cohort, NONE if weight is None else weight
    cohorts = int(cohort.max(initial=0)) + 1
    codes = np.array(specials, np.float64)
    table = count_cells(values, bad, cohort, weight, padded(edges), len(edges), codes, cohorts)
    return Counts(edges, specials, table)
