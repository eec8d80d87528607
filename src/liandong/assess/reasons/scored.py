"""What a scorecard says of the firms that it has scored, as arrays."""

from collections.abc import Sequence
from functools import cached_property
from math import log

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess.card.score import ScoreRule
from liandong.assess.card.scorecard import Characteristic, Pair, Scaling, Scorecard
from liandong.assess.measures.features import wide
from liandong.assess.reasons.means import Means, means
from liandong.errors import DataError
from liandong.kernels.scores.reach import Game
from liandong.texts import both

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


class ExplainRule(ScoreRule):
    """Which scores are explained; grades and scorecard as in the rule that made them.

    Attributes
    ----------
    fixed
        Measures that no firm is told to change, beyond those that none can change.
    """

    fixed: tuple[str, ...] = ()

    def means(self, measure: str) -> Means:
        """Return what a firm can do about a measure."""
        found = means(measure)
        return Means(found.category, "none", None) if measure in self.fixed else found


def least_points(scaling: Scaling, bound: int) -> int:
    """Return the fewest points whose probability of default is below ``bound`` ppm.

    Examples
    --------
    >>> least_points(Scaling(), 50_000)
    573
    """
    points = round(scaling.offset + scaling.factor * log(1e6 / bound - 1))
    while scaling.pd(np.array(points)) >= bound:
        points += 1
    while scaling.pd(np.array(points - 1)) < bound:
        points -= 1
    return points


class Scored:
    """The firms that one scorecard has scored, in order of their ids, and what it says of them.

    Attributes
    ----------
    values, cells, parts
        Shape (firms, measures) of values and cells; shape (firms, terms) of points.
    """

    def __init__(self, card: Scorecard, rule: ExplainRule, rows: pa.Table, data: pa.Table) -> None:
        self.card, self.rule, self.rows = card, rule, rows
        ids, values, withheld = wide(data, rule.as_of, card.measures)
        at = pc.index_in(rows["party_id"], value_set=ids)
        if at.null_count:
            raise self._differs()
        place = at.to_numpy()
        self.values, hidden = values[place], withheld[place]
        self.cells = _columns([
            c.cells(self.values[:, j], hidden[:, j]) for j, c in enumerate(card.characteristics)
        ], len(rows))  # fmt: skip
        self.parts = card.parts(self.values, hidden)
        self.points = card.base + self.parts.sum(axis=1)
        grades = rule.grade(card.scaling.pd(self.points))
        if (self.points != rows["points"].to_numpy()).any() or (
            grades.to_pylist() != rows["grade"].to_pylist()
        ):
            raise self._differs()

    def _differs(self) -> DataError:
        return DataError(
            file="score",
            what=both("fault.score_differs", day=self.rule.as_of),
            remedy=both("advice.score_again"),
        )

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """The measures of each pair, by number."""
        place = {m: j for j, m in enumerate(self.card.measures)}
        return [(place[p.measures[0]], place[p.measures[1]]) for p in self.card.pairs]

    @cached_property
    def states(self) -> Int:
        """What each term stands on, shape (firms, terms): 0 a bin, 1 an absent value, 2 silence."""
        bins = np.array([c.bins for c in self.card.characteristics], np.int64)
        own = np.clip(self.cells - bins + 1, 0, 2)
        return _columns([*own.T, *(np.maximum(own[:, a], own[:, b]) for a, b in self.pairs)],
                        len(own))  # fmt: skip

    @cached_property
    def bounds(self) -> Int:
        """Fewest points of each grade, best first; the last has none."""
        scale = sorted(self.rule.grades.values())
        return np.array([least_points(self.card.scaling, b) for b in scale[:-1]], np.int64)

    @cached_property
    def names(self) -> list[str]:
        """Names of the grades, best first."""
        return [g for g, _ in sorted(self.rule.grades.items(), key=lambda g: g[1])]

    @cached_property
    def grades(self) -> Int:
        """Grade of each firm by number, best first."""
        return np.asarray(pc.index_in(self.rows["grade"], value_set=pa.array(self.names)), np.int64)

    @cached_property
    def lacking(self) -> Int:
        """Points that each firm lacks for the next grade; 0 in the best."""
        best = self.grades == 0
        if not len(self.bounds):
            return np.zeros(len(best), np.int64)
        return np.where(best, 0, self.bounds[np.maximum(self.grades - 1, 0)] - self.points)

    @cached_property
    def game(self) -> Game:
        """What moves are worth."""
        cards = self.card.characteristics
        bins = np.array([c.bins for c in cards], np.int64)
        cells = int(bins.max(initial=0)) + 2
        ways = [self.rule.means(m).change for m in self.card.measures]
        return Game(
            points=_padded([np.array(c.points) for c in cards], (cells,)),
            open=_open(cards, bins, cells),
            up=np.array([w in {"up", "either"} for w in ways], bool),
            down=np.array([w in {"down", "either"} for w in ways], bool),
            pairs=np.array(self.pairs, np.int64).reshape(-1, 2),
            tables=_padded([_table(p, bins, self.pairs[i]) for i, p in enumerate(self.card.pairs)],
                           (cells, cells)),
        )  # fmt: skip

    def earned(self, cells: Int) -> Int:
        """Return the points of each term in other cells, shape (firms, terms)."""
        own = [c.worth(cells[:, j]) for j, c in enumerate(self.card.characteristics)]
        both_of = zip(self.card.pairs, self.pairs, strict=True)
        more = [p.earned(cells[:, a], cells[:, b]) for p, (a, b) in both_of]
        return _columns([*own, *more], len(cells))


def _open(cards: Sequence[Characteristic], bins: Int, cells: int) -> Bool:
    """Tell which cells a firm may move to: bins with values, but for those of special codes."""
    found = np.arange(cells) < bins[:, None]
    for row, c in zip(found, cards, strict=True):
        row[: c.bins] &= ~c.coded
    return found


def _columns(columns: list[Int], rows: int) -> Int:
    return np.column_stack(columns) if columns else np.zeros((rows, 0), np.int64)


def _padded(blocks: list[Int], shape: tuple[int, ...]) -> Int:
    """Put blocks of different sizes into one array, zeros behind them."""
    found = np.zeros((len(blocks), *shape), np.int64)
    for place, block in zip(found, blocks, strict=True):
        place[tuple(slice(n) for n in block.shape)] = block
    return found


def _table(pair: Pair, bins: Int, of: tuple[int, int]) -> Int:
    """Return the points of a pair by cell of both, silent cells included."""
    first, second = (np.arange(bins[j] + 2) for j in of)
    return pair.earned(first[:, None], second[None, :])
