"""Figures of one sample of firms whose outcomes are known."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.scores.roc import Z95, delong, ks
from liandong.kernels.scores.validation import (
    bands,
    binomial,
    brier,
    hosmer_lemeshow,
    jeffreys,
    jeffreys_interval,
    roc_curve,
    spiegelhalter,
)

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

BANDS = 10
"""Bands of risk of about equal size."""
WIDTH = 10
"""Points in one bar of the distribution of scores."""
GROUPS = (
    ("region", "region_id"),
    ("size", "size_class"),
    ("grade", "grade"),
    ("cohort", "cohort"),
)
"""What firms are told apart by, and the column that says it."""


class Figure(NamedTuple):
    """A figure and its 95 % interval, nan where there is none."""

    measure: str
    value: float
    low: float = float("nan")
    high: float = float("nan")


class Finding(NamedTuple):
    """A figure with the slice of firms it is about and how many those are."""

    slice: str
    figure: Figure
    n: int


class Rows(NamedTuple):
    """Firms in order of their ids: forecasts from 0 to 1, outcomes, and what else is known."""

    pd: Float
    bad: Bool
    table: pa.Table

    @classmethod
    def of(cls, table: pa.Table) -> "Rows":
        """Read a table with ``party_id``, ``pd`` in ppm and ``bad``."""
        ordered = table.sort_by("party_id")
        bad = ordered["bad"].to_numpy(zero_copy_only=False).astype(bool)
        return cls(ordered["pd"].to_numpy() / 1e6, bad, ordered)

    def where(self, rows: Bool) -> "Rows":
        """Return some of the firms."""
        return Rows(self.pd[rows], self.bad[rows], self.table.filter(pa.array(rows)))

    def split(self, column: str) -> Iterator[tuple[str, "Rows"]]:
        """Yield (value, firms) of each value of a text column; null is none."""
        values = self.table[column]
        for name in sorted(pc.drop_null(pc.unique(values)).to_pylist()):
            own = pc.fill_null(pc.equal(values, name), False)  # noqa: FBT003 - instead of null
            yield name, self.where(own.to_numpy().astype(bool))


def figures(rows: Rows, least: int) -> Iterator[Finding]:
    """Yield the figures of all firms and by group, then the curves of all.

    Parameters
    ----------
    rows
        The sample; groups that it has no column for are left out.
    least
        Fewest firms of either outcome; slices with fewer keep the rates alone.
    """
    yield from _of("all", rows, least)
    for kind, column in GROUPS:
        if column in rows.table.column_names:
            for name, part in rows.split(column):
                yield from _of(f"{kind}.{name}", part, least)
    if min(rows.bad.sum(), (~rows.bad).sum()) >= least:
        yield from _bands(rows)
        yield from _curve(rows)
        yield from _histogram(rows)


def _of(name: str, rows: Rows, least: int) -> Iterator[Finding]:
    found = [*rates(rows.pd, rows.bad)]
    if min(rows.bad.sum(), (~rows.bad).sum()) >= least:
        found += [*ranking(rows.pd, rows.bad), *_calibration(rows.pd, rows.bad)]
    for figure in found:
        yield Finding(name, figure, len(rows.bad))


def rates(pd: Float, bad: Bool) -> Iterator[Figure]:
    """Yield what happened beside what was forecast."""
    n, bads, forecast = len(bad), int(bad.sum()), float(np.sort(pd).mean())
    yield Figure("bad_rate", bads / n, *jeffreys_interval(bads, n))
    yield Figure("mean_pd", forecast)
    yield Figure("jeffreys_p", jeffreys(bads, n, forecast))
    yield Figure("binomial_p", binomial(bads, n, forecast))


def ranking(risk: Float, bad: Bool) -> Iterator[Figure]:
    """Yield how well the order of risks tells the two kinds of firms apart."""
    area = auc_figure("auc", risk, bad)
    yield area
    yield Figure("gini", *(2 * x - 1 for x in area[1:]))
    yield Figure("ks", ks(risk, bad))


def auc_figure(name: str, risk: Float, bad: Bool) -> Figure:
    """Return an AUC with DeLong's interval."""
    area, error = delong(risk, bad)
    if np.isnan(error):
        return Figure(name, area)
    return Figure(name, area, max(0.0, area - Z95 * error), min(1.0, area + Z95 * error))


def _calibration(pd: Float, bad: Bool) -> Iterator[Figure]:
    parts = brier(pd, bad)
    yield Figure("brier", parts.score)
    yield Figure("brier_reliability", parts.reliability)
    yield Figure("brier_resolution", parts.resolution)
    yield Figure("brier_uncertainty", parts.uncertainty)
    yield Figure("hosmer_lemeshow_p", hosmer_lemeshow(pd, bad).p)
    yield Figure("spiegelhalter_p", spiegelhalter(pd, bad).p)


def _bands(rows: Rows) -> Iterator[Finding]:
    """Yield what a calibration plot, a lift chart and a gain curve are drawn from, safest first."""
    found = bands(rows.pd, rows.bad, BANDS)
    for k, (n, bads) in enumerate(zip(found.n.tolist(), found.bads.tolist(), strict=True)):
        for figure in (
            Figure("bad_rate", bads / n, *jeffreys_interval(bads, n)),
            Figure("mean_pd", float(found.expected[k]) / n),
            Figure("lift", float(found.lift[k])),
            Figure("captured", float(found.captured[k])),
        ):
            yield Finding(f"band.{k:02d}", figure, n)


def _curve(rows: Rows) -> Iterator[Finding]:
    """Yield the corners of the ROC curve; KS is the largest distance between the two shares."""
    curve = roc_curve(rows.pd, rows.bad)
    for k, (fpr, tpr) in enumerate(zip(curve.fpr.tolist(), curve.tpr.tolist(), strict=True)):
        yield Finding(f"roc.{k:03d}", Figure("fpr", fpr), len(rows.bad))
        yield Finding(f"roc.{k:03d}", Figure("tpr", tpr), len(rows.bad))


def _histogram(rows: Rows) -> Iterator[Finding]:
    """Yield how many good and bad firms have scores of each ten points."""
    if "points" not in rows.table.column_names:
        return
    band = rows.table["points"].to_numpy() // WIDTH * WIDTH
    for start in np.unique(band).tolist():
        here = band == start
        bads = int(rows.bad[here].sum())
        yield Finding(f"points.{start}", Figure("goods", float(here.sum() - bads)), int(here.sum()))
        yield Finding(f"points.{start}", Figure("bads", float(bads)), int(here.sum()))
