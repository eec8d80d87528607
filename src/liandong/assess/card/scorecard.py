"""Scorecards: points for the bins of measures, and what points mean."""

from collections.abc import Sequence
from math import log
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from liandong.assess.binning.columns import levels
from liandong.errors import UnfitError
from liandong.step import Rule
from liandong.texts import both

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]


class Scaling(BaseModel):
    """What a score means: ``at`` points are odds of ``odds`` : 1, and ``pdo`` points double them.

    Odds are those of being good. Points = offset + factor * ln(odds), with factor = pdo / ln 2 and
    offset = at - factor * ln(odds at ``at``) (the usual scaling of scorecards, Siddiqi 2006).

    Examples
    --------
    >>> round(Scaling().factor, 4), round(Scaling().offset, 4)
    (28.8539, 487.1229)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pdo: int = Field(default=20, ge=1)
    odds: int = Field(default=50, ge=1)
    at: int = 600

    @property
    def factor(self) -> float:
        """Points per unit of log odds."""
        return self.pdo / log(2)

    @property
    def offset(self) -> float:
        """Points at even odds."""
        return self.at - self.factor * log(self.odds)

    def pd(self, points: Int) -> Int:
        """Return the probability of default in ppm that points stand for."""
        share = 1 / (1 + np.exp((points - self.offset) / self.factor))
        return np.asarray(np.rint(1e6 * share), np.int64)


class Characteristic(BaseModel):
    """One measure of a scorecard and its bins.

    A value falls in one of these cells: the bins in order, then that of absent values, then the
    silent one of values that nobody may know (not shared) and of levels that were never seen. The
    silent cell earns no points: who does not share is not judged by it.

    Attributes
    ----------
    measure
        Name of the measure.
    trend
        How the event rate goes from bin to bin.
    edges
        Highest value of each bin but the last, ascending; none for a category.
    levels
        Levels of each bin of a category; none for a number.
    woe, points
        Weight of evidence and points of each bin; the last one is that of absent values. Points
        are the coefficient times the weight of evidence, or an effect fitted near it.
    iv
        Information value of the bins with values.
    coefficient
        Weight of the measure in the log odds of being good.
    specials
        Numbers that are no measurements: each is a bin of its own, outside of the trend.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    measure: str
    trend: str
    edges: tuple[float, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()
    woe: tuple[float, ...]
    points: tuple[int, ...]
    iv: float = Field(ge=0)
    coefficient: float = Field(ge=0)
    specials: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _shaped(self) -> Self:
        if not len(self.woe) == len(self.points) == self.bins + 1:
            raise UnfitError(what=both("unfit.card_bins"))
        if list(self.edges) != sorted(set(self.edges)) or (self.edges and self.levels):
            raise UnfitError(what=both("unfit.card_edges"))
        return self

    @property
    def coded(self) -> Bool:
        """Which bins hold a special code alone, and so are no part of the trend."""
        return np.isin(np.append(self.edges, np.inf), self.specials)[: self.bins]

    @property
    def bins(self) -> int:
        """Number of bins with values."""
        return len(self.levels) or len(self.edges) + 1

    def cells(self, values: Float | pa.DictionaryArray, withheld: Bool | None = None) -> Int:
        """Return the cell of each value.

        Parameters
        ----------
        values
            Numbers, NaN where absent; or the text of a category, null where absent.
        withheld
            Which values were not shared; none if None.
        """
        if self.levels:
            known, place = levels(pc.dictionary_encode(values))
            bin_of = {v: i for i, group in enumerate(self.levels) for v in group}
            found = np.array([*(bin_of.get(v, self.bins + 1) for v in known), self.bins])[place]
        else:
            found = np.searchsorted(np.array(self.edges), values, side="left")
            found = np.where(np.isnan(values), self.bins, found)
        return found if withheld is None else np.where(withheld, self.bins + 1, found)

    def earned(self, values: Float | pa.DictionaryArray, withheld: Bool | None = None) -> Int:
        """Return the points of each value; see :meth:`cells`."""
        return self.worth(self.cells(values, withheld))

    def worth(self, cells: Int) -> Int:
        """Return the points of cells."""
        return np.array([*self.points, 0], np.int64)[cells]

    def evidence(self, cells: Int) -> Float:
        """Return the weight of evidence of cells; 0 of the silent one."""
        return np.array([*self.woe, 0.0])[cells]


class Pair(BaseModel):
    """What two characteristics say together beyond what each says alone.

    Attributes
    ----------
    measures
        Names of two characteristics of the scorecard.
    points
        Points by cell of the first (bins, then absent) and cell of the second. Nothing is earned
        where either is silent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measures: tuple[str, str]
    points: tuple[tuple[int, ...], ...]

    @property
    def name(self) -> str:
        """Name of the pair among the measures."""
        return " × ".join(self.measures)

    def earned(self, first: Int, second: Int) -> Int:
        """Return the points of each row from its cells in both characteristics."""
        table = np.pad(np.array(self.points, np.int64), (0, 1))
        return np.asarray(table[first, second], np.int64)


class Scorecard(Rule):
    """A scorecard with the figures that say how far to trust it.

    A score is ``base`` plus the points of each characteristic; a positive number of points says
    that the bin is better than the average firm. The points decide the probability of default.

    Attributes
    ----------
    base
        Points of a firm that is average in everything.
    scaling
        What points mean.
    characteristics
        Measures with their bins, strongest first.
    pairs
        What pairs of them say together beyond that.
    rows, bads
        Firms it was learnt from, and how many of them defaulted.
    auc, auc_low, auc_high
        Area under the ROC curve on firms that it was not learnt from (repeated cross-validation
        with binning and selection inside), with its 95 % interval.
    prior
        Default rate that the base was corrected to; None if that of the sample was kept.
    """

    base: int
    scaling: Scaling = Scaling()
    characteristics: tuple[Characteristic, ...]
    pairs: tuple[Pair, ...] = ()
    rows: int = Field(ge=0)
    bads: int = Field(ge=0)
    auc: float = Field(ge=0, le=1)
    auc_low: float = Field(ge=0, le=1)
    auc_high: float = Field(ge=0, le=1)
    prior: int | None = None

    @model_validator(mode="after")
    def _paired(self) -> Self:
        bins = {c.measure: c.bins for c in self.characteristics}
        for p in self.pairs:
            shape = [len(row) for row in p.points]
            first, second = (bins.get(m, -2) + 1 for m in p.measures)
            if shape != [second] * first:
                raise UnfitError(
                    what=both("unfit.card_pair", name=p.name, first=first, second=second)
                )
        return self

    @property
    def measures(self) -> list[str]:
        """Names of the measures, in the order of the characteristics."""
        return [c.measure for c in self.characteristics]

    @property
    def terms(self) -> list[str]:
        """Names of what earns points: the measures, then the pairs."""
        return [*self.measures, *(p.name for p in self.pairs)]

    def parts(self, values: Float | Sequence[Any], withheld: Bool | None = None) -> Int:
        """Return the points that each term adds, shape (firms, terms).

        Parameters
        ----------
        values
            Shape (firms, characteristics), NaN where absent. A card with categories takes a
            sequence of columns instead, see :meth:`Characteristic.cells`.
        withheld
            Which of them were not shared; none if None.
        """
        columns = values.T if isinstance(values, np.ndarray) else values
        hidden = [None] * len(columns) if withheld is None else list(withheld.T)
        cells = {
            c.measure: c.cells(v, h)
            for c, v, h in zip(self.characteristics, columns, hidden, strict=True)
        }
        earned = [c.worth(cells[c.measure]) for c in self.characteristics]
        earned += [p.earned(*(cells[m] for m in p.measures)) for p in self.pairs]
        return np.column_stack(earned) if earned else np.zeros((len(values), 0), np.int64)
