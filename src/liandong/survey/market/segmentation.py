"""How segmented the market is, by prices: pairs of regions, each region, all; trend and borders."""

from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from liandong.kernels.places import apart
from liandong.kernels.statistics.distributions import normal_two_sided
from liandong.kernels.statistics.poisson import false_discovery
from liandong.schema.arrow import empty, known
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.survey.market.panel import Panel, panel
from liandong.survey.regions import Level, Said, belts, touching
from liandong.types import PPM, Rate

Float = NDArray[np.float64]
Int = NDArray[np.int64]
ALL = "*"
LEAST_GOODS = 5
"""Fewer goods say too little of a border to judge it."""


class SegmentationRule(Rule):
    """How prices are compared.

    Attributes
    ----------
    pairs
        All pairs of regions, or those that touch: by table ``neighbour``, without it the provinces
        on land.
    vintage
        Of the prices; empty: the last in order.
    level
        Level of the regions.
    sides
        Groups of regions between which borders are tested, by name; empty: the belts.
    draws, seed
        How often goods are drawn anew for the intervals, and from where.
    confidence
        Of intervals; what is left of it is the significance of trends and borders.
    least_periods
        Fewer are too short for a trend.
    """

    pairs: Literal["all", "neighbours"] = "all"
    vintage: str = ""
    level: Level = "province"
    sides: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    draws: int = Field(200, ge=20, le=10_000)
    seed: int = Field(1, ge=0)
    confidence: Rate = Rate(950_000)
    least_periods: int = Field(8, ge=4)


class _Lines(NamedTuple):
    """What is told: pairs, then the mean of each region's pairs, then that of all."""

    left: Int
    right: Int
    mean: Float
    names: list[tuple[str, str]]
    pairs: Int

    def gather(self, values: Float) -> Float:
        """Return rows of pairs and of means, from one value a pair; shape (rows, anything)."""
        there = np.isfinite(values)
        with np.errstate(invalid="ignore"):
            sums, counts = (np.einsum("rp,pd->rd", self.mean, v)
                            for v in (np.where(there, values, 0.0), there * 1.0))  # fmt: skip
            means = sums / counts
        return np.concatenate([values, means])


@fold(
    reads=("price", "region", "neighbour"),
    writes=("segmentation", "segmentation_trend", "border_test"),
    rule=SegmentationRule,
)
def segmentation(tables: Tables, rule: SegmentationRule) -> Tables:
    """Measure by prices how apart markets of regions are, where that leads, and at which border.

    ``segmentation`` has the variance over goods of how far relative prices moved beyond what is
    usual for the good (Parsley and Wei), by pair and period, and its mean over the pairs of a
    region (other region ``*``) and over all (both ``*``), with intervals by drawing goods anew.
    Common inflation, a fixed wedge at a border and the unit of a good change nothing.
    ``segmentation_trend`` has means over periods, with slopes and a test that allows for periods
    that hang together. ``border_test`` asks what a border between groups of regions adds to the
    dispersion of relative prices, beyond what each region has of its own.

    Prices that are not positive, other vintages, unknown regions and missing periods are left out
    and counted in the reasons of the whole.

    Raises
    ------
    DataError
        If a good comes in several units, or periods cannot be put in order.
    """
    belt = belts(tables["region"], rule.level)
    prices = panel(tables["price"], sorted(belt), rule.vintage)
    lines = _lines(prices.regions, rule, tables["neighbour"])
    if not len(lines.left) or not prices.periods:
        return {n: empty(n) for n in ("segmentation", "segmentation_trend", "border_test")}
    pairs = apart.segmentation(prices.changes, lines.left, lines.right)
    found = lines.gather(pairs.value.T)
    rng = np.random.default_rng(rule.seed)
    goods = len(prices.goods)
    draws = rng.multinomial(goods, np.full(goods, 1 / goods), rule.draws)
    level = rule.confidence / PPM
    band = apart.bands(prices.changes, lines.left, lines.right, lines.gather, draws, level)
    return {
        **_each(prices, lines, found, band, _why(prices, lines, pairs)),
        **_trends(lines, found, band, rule),
        **_borders(prices, belt, rule),
    }


def _lines(regions: list[str], rule: SegmentationRule, neighbour: pa.Table) -> _Lines:
    left, right = np.triu_indices(len(regions), 1)
    if rule.pairs == "neighbours":
        near = touching(neighbour)
        kept = np.array([{regions[i], regions[j]} in near
                         for i, j in zip(left, right, strict=True)], bool)  # fmt: skip
        left, right = left[kept], right[kept]
    of_region = [(left == k) | (right == k) for k in range(len(regions))]
    mean = np.array([*of_region, np.ones(len(left), bool)], np.float64)
    names = [(regions[i], regions[j]) for i, j in zip(left, right, strict=True)]
    names += [(r, ALL) for r in (*regions, ALL)]
    pairs = np.concatenate([np.ones(len(left), np.int64), mean.sum(axis=1).astype(np.int64)])
    return _Lines(left, right, mean, names, pairs)


def _why(prices: Panel, lines: _Lines, pairs: apart.Apart) -> list[Said]:
    """Return for every line and period what it is made of: the good that weighs most, or pairs."""
    goods = [f"survey.good({g})" for g in prices.goods]
    part = np.rint(PPM * pairs.part).astype(np.int64)
    most = zip(pairs.good.T.ravel().tolist(), part.T.ravel().tolist(), strict=True)
    means = lines.pairs[len(lines.left) :].repeat(len(prices.periods)).tolist()
    return [*([(goods[g], p)] for g, p in most), *([("survey.mean_of_pairs", n)] for n in means)]


def _each(prices: Panel, lines: _Lines, found: Float, band: apart.Band, why: list[Said]) -> Tables:
    """Return every line in every period."""
    there = np.isfinite(prices.changes)
    whole = there.any(axis=1).sum(axis=1)
    both = [(there[:, i] & there[:, j]).sum(axis=1)
            for i, j in zip(lines.left, lines.right, strict=True)]  # fmt: skip
    goods = np.array([*both, *([whole] * (len(lines.names) - len(both)))])
    rows, periods = found.shape
    for said, lost in zip(why, (len(prices.goods) - goods).ravel().tolist(), strict=True):
        if lost:
            said.append(("survey.prices_missing", lost))
    causes = [(code, n) for code, n in prices.left_out.items() if n]
    causes += [(f"survey.period_before_missing({p})", 0) for p in prices.skipped]
    for k in range(periods):
        why[(rows - 1) * periods + k] += causes
    return output(
        "segmentation",
        **_named(lines, periods),
        period=prices.periods * rows,
        vintage=[prices.vintage] * (rows * periods),
        value=known(found.ravel()),
        low=known(band.low.T.ravel()),
        high=known(band.high.T.ravel()),
        goods=goods.ravel(),
        pairs=lines.pairs.repeat(periods),
        reasons=reason_list(why),
    )


def _named(lines: _Lines, times: int) -> dict[str, list[str]]:
    return {
        "region_id": [a for a, _ in lines.names for _ in range(times)],
        "other_id": [b for _, b in lines.names for _ in range(times)],
    }


def _trends(lines: _Lines, found: Float, band: apart.Band, rule: SegmentationRule) -> Tables:
    there = np.isfinite(found)
    count = there.sum(axis=1)
    with np.errstate(invalid="ignore"):
        mean = np.where(there, found, 0.0).sum(axis=1) / np.where(count > 0, count, np.nan)
    slope, error = apart.trend(found.T)
    slope, error = (np.where(count < rule.least_periods, np.nan, v) for v in (slope, error))
    p = np.array([normal_two_sided(s / e) if e > 0 else np.nan
                  for s, e in zip(slope, error, strict=True)])  # fmt: skip
    sure = p < 1 - rule.confidence / PPM
    verdict = np.where(sure, np.where(slope < 0, "falling", "rising"), "level")
    verdict = np.where(np.isfinite(p), verdict, "short")
    ranks = pa.array(
        [r for block in _blocks(mean, len(lines.left)) for r in _ranks(block)], pa.int64()
    )
    return output(
        "segmentation_trend",
        **_named(lines, 1),
        value=known(mean),
        low=known(band.mean_low),
        high=known(band.mean_high),
        rank=ranks,
        slope=known(slope),
        p=known(p),
        periods=count,
        verdict=verdict.tolist(),
        reasons=reason_list([
            [("survey.periods_few" if n < rule.least_periods else "survey.mean_of_periods", n)]
            for n in count.tolist()
        ]),
    )  # fmt: skip


def _blocks(values: Float, pairs: int) -> list[Float]:
    """Return the values of pairs, of regions, and of all: ranks are among equals."""
    return [values[:pairs], values[pairs:-1], values[-1:]]


def _ranks(values: Float) -> list[int | None]:
    """Return the place of each, the largest first; none for what is undefined."""
    order = np.argsort(-values, kind="stable")
    place = np.empty(len(values), np.int64)
    place[order] = np.arange(1, len(values) + 1)
    return [int(k) if np.isfinite(v) else None for k, v in zip(place, values, strict=True)]


def _borders(prices: Panel, belt: dict[str, str], rule: SegmentationRule) -> Tables:
    sides = rule.sides or {
        name: tuple(r for r in prices.regions if belt[r] == name)
        for name in sorted({belt[r] for r in prices.regions})
    }
    at = {r: k for k, r in enumerate(prices.regions)}
    inside = {name: np.array([at[r] for r in members if r in at], np.int64)
              for name, members in sides.items()}  # fmt: skip
    names = sorted(sides)
    cases = [(a, b) for k, a in enumerate(names) for b in names[k + 1 :]]
    level = rule.confidence / PPM
    found = [apart.border(prices.changes, inside[a], inside[b], level) for a, b in cases]
    few = np.array([f.goods < LEAST_GOODS for f in found], bool)
    p = np.array([f.p for f in found])
    q = np.full(len(found), np.nan)
    q[~few] = false_discovery(p[~few])
    rows: list[dict[str, Any]] = []
    for (a, b), one, adjusted, bare in zip(cases, found, q, few, strict=True):
        lost = [r for n in (a, b) for r in sides[n] if r not in at]
        rows.append({
            "group_id": a, "other_id": b, "goods": one.goods,
            "pairs": len(inside[a]) * len(inside[b]),
            "verdict": "few" if bare else "border" if adjusted < 1 - level else "none",
            "reasons": [("survey.pairs_across", len(inside[a]) * len(inside[b]))]
            + [("survey.goods_few", one.goods)] * bool(bare)
            + [(f"survey.no_prices({r})", 0) for r in lost],
        })  # fmt: skip
    columns = ("group_id", "other_id", "goods", "pairs", "verdict")
    return output(
        "border_test",
        **{n: [r[n] for r in rows] for n in columns},
        **{n: known([getattr(f, n) for f in found]) for n in ("value", "low", "high")},
        p=known(p),
        q=known(q),
        reasons=reason_list([r["reasons"] for r in rows]),
    )
