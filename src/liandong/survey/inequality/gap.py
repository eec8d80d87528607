"""How far apart regions are, between groups and within them, and how sure that is."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.statistics import dagum as gini_parts
from liandong.kernels.statistics import inequality, resampling
from liandong.schema.arrow import known
from liandong.step import Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.survey.inequality.panel import (
    READS,
    Case,
    RegionalRule,
    Told,
    cases,
    named,
    places,
)
from liandong.survey.inequality.panel import province as province_of
from liandong.survey.inequality.remarks import apart, measured_apart

Int = NDArray[np.int64]
Float = NDArray[np.float64]
LEVEL = (2.5, 97.5)
"""Percentiles of the samples that bound an interval."""
DAGUM = ("within", "net_between", "transvariation")


class GapRule(RegionalRule):
    """What is compared, and how sure it is to be said."""


class Row(NamedTuple):
    """One figure of the gap."""

    kind: str
    part: str
    value: float
    regions: int
    share: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p: float = np.nan
    told: tuple[tuple[str, int], ...] = ()


class _Chance(NamedTuple):
    """What was drawn for the same regions in the same groups.

    Attributes
    ----------
    names
        Of the groups.
    group, counts
        Shape (regions,) and (samples, regions).
    levels
        Below the provinces: the belt and the province of each region, shape (regions,) each.
    p
        By period: of Theil's T and L between groups.
    """

    names: list[str]
    group: Int
    counts: Int
    levels: list[Int]
    p: dict[tuple[str, str], tuple[float, float]]


@fold(reads=READS, writes=("gap", "gap_pair"), rule=GapRule)
def gap(tables: Tables, rule: GapRule) -> Tables:
    """Measure the gap between regions by Theil's T and L and the Gini coefficient with its parts.

    All are weighted by the denominator. Theil's indices come with their parts ``between`` groups
    (belts), ``within`` them and ``within.GROUP``; below the provinces also ``level.belt``,
    ``level.province`` and so on, which add up to the total. The Gini coefficient comes with Dagum's
    parts: ``within``, ``net_between`` and ``transvariation`` (overlap); ``gap_pair`` has each two
    groups. ``sd_log`` and ``cv`` are the spread of figures a head, without weights. ``low`` and
    ``high`` hold 95 of 100 samples of regions drawn anew within their groups; ``p`` says how often
    groups made by chance are as far apart.

    Every period and vintage of the numerator stands alone, over the regions of the level that have
    both measures; ``regions`` counts them. The denominator is of the same vintage, or else of the
    last vintage that has the period, which is then named too. A value is null where its index is
    undefined: L with a region that has nothing, anything with a negative number. Without table
    ``region`` the provinces are known by their codes. Remarks name regions that are left out and
    measures that disagree.

    Raises
    ------
    DataError
        If a measure comes in several units in one vintage of one period.
    """
    chosen = places(tables["region"], rule)
    found = cases(tables, rule, chosen)
    belts = places(tables["region"], rule.changed(groups="belt"))
    chances = _chances(found, chosen, belts, rule)
    rows, pairs = [], []
    before: dict[str, tuple[Case, list[Row]]] = {}
    for case in found:
        chance = chances[case.regions]
        mine = _measured(case, chance, rule)
        if case.label in before:
            mine = apart(mine, case, *before[case.label])
        before[case.label] = case, mine
        rows += [(case, r) for r in mine]
        pairs += _pairs(case, chance)
    return {**_gap(rows, rule.measure), **_gap_pair(pairs, rule.measure)}


def _chances(
    found: list[Case], chosen: dict[str, str], belts: dict[str, str], rule: GapRule
) -> dict[tuple[str, ...], _Chance]:
    """Draw once for all cases of the same regions: only then are their figures comparable."""
    by_regions: dict[tuple[str, ...], list[Case]] = {}
    for case in found:
        by_regions.setdefault(case.regions, []).append(case)
    made = {}
    for regions, mine in by_regions.items():
        names = sorted({chosen[r] for r in regions})
        group = np.array([names.index(chosen[r]) for r in regions])
        random = np.random.default_rng(rule.seed)
        labels = resampling.shuffled(group, rule.draws, random)
        counts = resampling.redrawn(group, rule.draws, random)
        income, people = (np.column_stack([getattr(c, n) for c in mine])
                          for n in ("income", "people"))  # fmt: skip
        p = inequality.permuted_between(income, people, group, len(names), labels)
        tested = rule.draws > 0 and len(names) > 1
        pairs = [(float(t), float(el)) if tested else (np.nan, np.nan)
                 for t, el in zip(*p, strict=True)]  # fmt: skip
        by_case = dict(zip([(c.period, c.label) for c in mine], pairs, strict=True))
        made[regions] = _Chance(names, group, counts, _levels(regions, belts, rule), by_case)
    return made


def _measured(case: Case, chance: _Chance, rule: GapRule) -> list[Row]:
    """Return all figures of one case."""
    args = case.income, case.people, chance.group, len(chance.names)
    parts, drawn = gini_parts.dagum(*args), gini_parts.redrawn(*args, chance.counts).T
    n, total = len(case.regions), parts.total
    wrong = _undefined(case)
    rows = [Row("gini", "total", total, n, np.nan, *_interval(drawn[0]),
                told=(*case.told, *wrong))]  # fmt: skip
    rows += [
        Row("dagum", name, value, n, _ratio(value, total), *_interval(drawn[k]))
        for k, (name, value) in enumerate(zip(DAGUM, parts[1:4], strict=True), start=1)
    ]
    draws = inequality.theil_draws(*args, chance.counts)
    for k, index in enumerate(("theil_t", "theil_l")):
        zeros = int((case.income == 0).sum()) if index == "theil_l" else 0
        told = [*wrong, *([("gap.zero", zeros)] if zeros else [])]
        p = chance.p[case.period, case.label][k]
        rows += _theil(index, args, draws[k], p, told, chance.names)
        rows += _by_level(index, case, chance, rule)
    return [*measured_apart(rows), *_spread(case)]


def _undefined(case: Case) -> Told:
    """Name the regions that leave everything undefined."""
    bad = (case.income < 0) | (case.people <= 0)
    return named("gap.negative", [r for r, b in zip(case.regions, bad, strict=True) if b])


def _theil(
    index: str, args: tuple[Float, Float, Int, int], drawn: Float, p: float, told: Told,
    names: list[str],
) -> list[Row]:  # fmt: skip
    found = getattr(inequality, index)(*args)
    sizes = np.bincount(args[2], minlength=args[3]).tolist()
    whole = {"total": found.total, "between": found.between, "within": float(found.within.sum())}
    rows = []
    for k, (part, value) in enumerate(whole.items()):
        share = np.nan if part == "total" else _ratio(value, found.total)
        own_p = p if part == "between" else np.nan
        own = tuple(told) if part == "total" else ()
        rows.append(Row(index, part, value, sum(sizes), share, *_interval(drawn[k]), own_p, own))
    return rows + [
        Row(index, f"within.{name}", float(value), size, _ratio(float(value), found.total))
        for name, value, size in zip(names, found.within, sizes, strict=True)
    ]


def _levels(regions: tuple[str, ...], belts: dict[str, str], rule: GapRule) -> list[Int]:
    if rule.level == "province":
        return []
    named = [belts[r] for r in regions], [province_of(r) for r in regions]
    return [np.unique(n, return_inverse=True)[1].astype(np.int64) for n in named]


def _by_level(index: str, case: Case, chance: _Chance, rule: GapRule) -> list[Row]:
    """Return what each level adds, below the provinces."""
    if not chance.levels:
        return []
    kernel = getattr(inequality, index)
    values = inequality.nested(kernel, case.income, case.people, chance.levels)
    total = float(values.sum())
    return [
        Row(index, f"level.{name}", float(value), len(case.regions), _ratio(float(value), total))
        for name, value in zip(("belt", "province", rule.level), values, strict=True)
    ]


def _spread(case: Case) -> list[Row]:
    head, n = case.head, len(case.regions)
    logs = np.log(head).std(ddof=1) if n > 1 and (head > 0).all() else np.nan
    top = np.abs(head).max()
    even = head / top if top > 0 else head  # squares of large figures are beyond all numbers
    told = n > 1 and even.min() >= 0 and top > 0
    cv = even.std(ddof=1) / even.mean() if told else np.nan
    return [Row("sd_log", "total", float(logs), n), Row("cv", "total", float(cv), n)]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else np.nan


def _interval(drawn: Float) -> tuple[float, float]:
    if not len(drawn) or not np.isfinite(drawn).all():
        return np.nan, np.nan
    low, high = np.percentile(drawn, LEVEL)
    return float(low), float(high)


def _pairs(case: Case, chance: _Chance) -> list[tuple[Case, str, str, float, float, float]]:
    found = gini_parts.dagum(case.income, case.people, chance.group, len(chance.names))
    return [
        (case, one, other, found.gini[j, h], found.distance[j, h],
         found.share[j, h] * (1 if j == h else 2))
        for j, one in enumerate(chance.names)
        for h, other in enumerate(chance.names)
        if j <= h
    ]  # fmt: skip


def _gap(rows: list[tuple[Case, Row]], measure: str) -> Tables:
    figures = {n: known([getattr(r, n) for _, r in rows])
               for n in ("value", "share", "low", "high", "p")}  # fmt: skip
    return output(
        "gap",
        measure=[measure] * len(rows),
        period=[c.period for c, _ in rows],
        vintage=[c.label for c, _ in rows],
        index=[r.kind for _, r in rows],
        part=[r.part for _, r in rows],
        **figures,
        regions=[r.regions for _, r in rows],
        remarks=reason_list([list(r.told) for _, r in rows]),
    )


def _gap_pair(rows: list[tuple[Case, str, str, float, float, float]], measure: str) -> Tables:
    columns = dict(zip(("one", "other", "gini", "distance", "share"),
                       zip(*(r[1:] for r in rows), strict=True), strict=False))  # fmt: skip
    return output(
        "gap_pair",
        measure=[measure] * len(rows),
        period=[r[0].period for r in rows],
        vintage=[r[0].label for r in rows],
        **{n: list(columns.get(n, ())) for n in ("one", "other")},
        **{n: known(list(columns.get(n, ()))) for n in ("gini", "distance", "share")},
    )
