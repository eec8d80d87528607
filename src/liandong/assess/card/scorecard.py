"""Scorecards: points for the bins of measures, and what points mean."""

from math import log
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from liandong.assess.binning.bins import Bins
from liandong.step import Rule

Int = NDArray[np.int64]
Float = NDArray[np.float64]


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

    Attributes
    ----------
    measure
        Name of the measure.
    trend
        How the event rate goes from bin to bin.
    edges
        Highest value of each bin but the last, ascending.
    woe, points
        Weight of evidence and points of each bin; the last one is that of absent values.
    iv
        Information value of the bins with values.
    coefficient
        Weight of the measure in the log odds of being good.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    measure: str
    trend: str
    edges: tuple[float, ...]
    woe: tuple[float, ...]
    points: tuple[int, ...]
    iv: float = Field(ge=0)
    coefficient: float = Field(ge=0)

    @model_validator(mode="after")
    def _shaped(self) -> Self:
        if not len(self.woe) == len(self.points) == len(self.edges) + 2:
            raise ValueError("a characteristic has two more woe and points than edges")
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError("edges must ascend")
        return self

    @classmethod
    def of(cls, measure: str, bins: Bins, coefficient: float, scaling: Scaling) -> Self:
        """Give points to bins: the coefficient times the weight of evidence, on the scale."""
        points = np.rint(scaling.factor * coefficient * bins.woe).astype(int)
        return cls(
            measure=measure, trend=bins.trend, edges=tuple(bins.edges.tolist()),
            woe=tuple(bins.woe.tolist()), points=tuple(points.tolist()), iv=bins.iv,
            coefficient=coefficient,
        )  # fmt: skip

    def earned(self, values: Float) -> Int:
        """Return the points of each value; NaN earns those of absent values."""
        bins = Bins(self.trend, np.array(self.edges), np.array(self.woe), self.iv)
        return np.array(self.points, np.int64)[bins.place(values)]


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
    rows: int = Field(ge=0)
    bads: int = Field(ge=0)
    auc: float = Field(ge=0, le=1)
    auc_low: float = Field(ge=0, le=1)
    auc_high: float = Field(ge=0, le=1)
    prior: int | None = None

    @property
    def measures(self) -> list[str]:
        """Names of the measures, in the order of the characteristics."""
        return [c.measure for c in self.characteristics]

    def parts(self, values: Float) -> Int:
        """Return the points that each characteristic adds.

        Parameters
        ----------
        values
            Shape (firms, characteristics), NaN where absent.
        """
        columns = [c.earned(values[:, j]) for j, c in enumerate(self.characteristics)]
        return np.column_stack(columns) if columns else np.zeros((len(values), 0), np.int64)
