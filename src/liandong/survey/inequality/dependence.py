"""Whether regions are like their neighbours, all together and one by one."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.kernels.statistics.poisson import false_discovery
from liandong.kernels.statistics.spatial import local_p, moran
from liandong.schema.arrow import known
from liandong.schema.provinces import NATION
from liandong.step import Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.survey.inequality.around import weights
from liandong.survey.inequality.panel import (
    READS,
    Case,
    RegionalRule,
    Told,
    cases,
    named,
    places,
)

SURE = 0.05
"""A p-value above this may be chance."""


class DependenceRule(RegionalRule):
    """What is compared, and how many permutations are behind the p-values."""


class _Row(NamedTuple):
    region_id: str
    value: float = np.nan
    expected: float = np.nan
    own: float = np.nan
    lag: float = np.nan
    p: float = np.nan
    q: float = np.nan
    told: Told | None = None


@fold(reads=(*READS, "neighbour"), writes=("spatial_dependence",), rule=DependenceRule)
def dependence(tables: Tables, rule: DependenceRule) -> Tables:
    """Measure by Moran's I whether neighbouring regions are alike, by period and vintage.

    The row of region 100000 is the index of all together; the others are those of each region in
    the newest period of a vintage, with ``q`` adjusted for how many are judged at once (Benjamini
    and Hochberg). All p-values come from permutations and are two-sided. Neighbours are those of
    table ``neighbour``; without it, provinces that touch on land, and Hainan with Guangdong by
    custom. Regions without a neighbour are named.
    """
    found = cases(tables, rule, places(tables["region"], rule))
    newest = {c.vintage: c.period for c in found}
    rows = [(c, r) for c in found for r in _measured(c, tables, rule, each=newest[c.vintage])]
    floats = ("value", "expected", "own", "lag", "p", "q")
    return output(
        "spatial_dependence",
        measure=[rule.measure] * len(rows),
        period=[c.period for c, _ in rows],
        vintage=[c.label for c, _ in rows],
        region_id=[r.region_id for _, r in rows],
        **{n: known([getattr(r, n) for _, r in rows]) for n in floats},
        quadrant=pa.array([_quadrant(r) for _, r in rows], pa.string()),
        regions=[len(c.regions) for c, _ in rows],
        reasons=reason_list([r.told or [] for _, r in rows]),
    )


def _measured(case: Case, tables: Tables, rule: DependenceRule, each: str) -> list[_Row]:
    regions, head = list(case.regions), case.head
    near = weights(tables["neighbour"], regions)
    told = named("gap.negative", _where(regions, np.isnan(head)))
    if near.lonely.all():
        told = [*told, ("space.nobody", 0)]
    if told:
        return [_Row(NATION, told=[("space.undefined", 0), *told, *case.told])]
    random = np.random.default_rng(rule.seed)
    found = moran(head, near, rule.draws, random)
    told = [*named("space.lonely", _where(regions, near.lonely)), *case.told]
    verdict = _verdict(found.value - found.expected, found.p)
    whole = _Row(NATION, found.value, found.expected, p=found.p, told=[*verdict, *told])
    if case.period != each or np.isnan(found.value):
        return [whole]
    judged = np.flatnonzero(~near.lonely)
    p = local_p(found, near, rule.draws, random)
    q = false_discovery(p[judged]) if rule.draws else p[judged]
    return [whole] + [
        _Row(
            regions[i], float(found.local[i]), own=float(found.own[i]), lag=float(found.near[i]),
            p=float(p[i]), q=float(q[k]), told=_verdict(found.local[i], q[k]),
        )
        for k, i in enumerate(judged)
    ]  # fmt: skip


def _verdict(more: float, p: float) -> Told:
    """Say whether there is more likeness than by chance, or less."""
    if np.isnan(more) or np.isnan(p):
        return [("space.undefined" if np.isnan(more) else "space.untested", 0)]
    if p > SURE:
        return [("space.chance", 0)]
    return [("space.alike" if more > 0 else "space.unlike", 0)]


def _where(regions: list[str], there: NDArray[np.bool_]) -> list[str]:
    return [r for r, yes in zip(regions, there, strict=True) if yes]


def _quadrant(row: _Row) -> str | None:
    if np.isnan(row.own):
        return None
    return ("h" if row.own > 0 else "l") + ("h" if row.lag > 0 else "l")
