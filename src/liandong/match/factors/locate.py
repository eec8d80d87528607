"""Service points: which places get one, who goes where, and how good that is at best."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.allocation.pmedian import State, opened
from liandong.kernels.statistics.inequality import gini
from liandong.match.factors.centre import centred
from liandong.match.factors.ground import Ground, ground
from liandong.match.factors.rules import LocateRule
from liandong.match.factors.sites import Effort, Found, solve
from liandong.step import Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.texts import both
from liandong.types import PPM

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

TOTAL = "*"
UNITS = {"distance": ("metres", "person_km", 1_000), "minutes": ("seconds", "person_hours", 3_600)}
"""By measure: its unit, that of distances of people, and how many of the first make one."""


@fold(
    reads=("place", "travel"),
    writes=("service_point", "service_link", "service_summary"),
    rule=LocateRule,
    part=("scenario",),
    needs={"place": "load"},
)
def locate(tables: Tables, rule: LocateRule) -> Tables:
    """Choose where service points open, and which of them serves each place.

    Every candidate says what closing it, or opening it in exchange for another, would cost; every
    place how far its point is and how much farther the next. The summary holds a bound that no
    choice can beat, and how it was proved; its value is person-metres (or seconds) for ``median``,
    people for ``cover``, metres (or seconds) for ``centre``.

    Raises
    ------
    DataError
        If there are fewer candidates than sites, or capacities are too small, or distances are
        not known.
    """
    land = ground(tables, rule)
    effort = Effort(rule.tries, rule.rounds, rule.arcs, rule.seed)
    find = centred if rule.goal == "centre" else solve
    plan = Plan(land, find(land.problem, effort), rule)
    plan.check()
    return {**_points(plan), **_links(plan), **_summary(plan)}


@dataclass(frozen=True)
class Plan:
    """What was found, seen from the places."""

    land: Ground
    found: Found
    rule: LocateRule

    @cached_property
    def distance(self) -> Int:
        """Of each place to its point."""
        points = np.arange(len(self.land.weight))
        return np.asarray(self.land.plain.distance[points, self.found.serves].astype(np.int64))

    @cached_property
    def lost(self) -> Bool:
        """Places from which no way leads to their point."""
        return np.asarray(self.distance >= self.land.nowhere)

    @cached_property
    def covered(self) -> Bool:
        """Places within the radius; without one, those within the cap, or reached at all."""
        limit = next(r for r in (self.rule.radius, self.rule.cap, 2**31) if r is not None)
        return np.asarray(~self.lost & (self.distance <= limit))

    @cached_property
    def beyond(self) -> Bool:
        """Places beyond the cap, or not reached."""
        limit = 2**31 if self.rule.cap is None else self.rule.cap
        return np.asarray(self.lost | (self.distance > limit))

    @cached_property
    def state(self) -> State:
        """What swaps would change, were there neither caps nor capacities."""
        fixed = self.land.problem.fixed
        free = self.found.site[~np.isin(self.found.site, fixed)]
        cover = self.rule.goal == "cover"
        field = self.land.problem.field if cover else self.land.plain
        return opened(field, np.concatenate([fixed, free]))

    @property
    def unit(self) -> tuple[str, int]:
        """The unit in which changes are told, and how many of ours make one."""
        _, name, size = UNITS[self.rule.measure]
        return ("people", 1) if self.rule.goal == "cover" else (name, size)

    def check(self) -> None:
        """Refuse a plan in which a point serves more people than it can."""
        load = self.land.problem.load
        if load is not None:
            used = np.bincount(self.found.serves, load.size, len(load.room))
            if (used > load.room).any():
                what = both("fault.capacity_unplaced", sites=self.rule.sites)
                raise DataError(file="place", what=what, remedy=both("advice.capacity_short"))

    def bound(self) -> int:
        """Return the bound in the unit of the value: no choice is better."""
        if self.rule.goal == "cover":
            return int(self.land.weight.sum()) - self.found.bound
        late = int(self.land.problem.field.late[0]) if self.rule.goal == "median" else 0
        return max(0, self.found.bound - late * int(self.beyond.sum()))

    def value(self) -> int:
        """Return what the plan achieves."""
        if self.rule.goal == "centre":
            return int(self.distance.max())
        if self.rule.goal == "cover":
            return int(self.land.weight[self.covered].sum())
        return int((self.land.weight * self.distance).sum())


def _points(plan: Plan) -> Tables:
    """Return the candidates: open or not, whom they serve, and what a change would cost."""
    land, site = plan.land, plan.found.site
    count = len(land.site)
    is_open = np.isin(np.arange(count), site)
    rows = land.place.take(pa.array(land.site))
    return output(
        "service_point",
        scenario=pa.repeat(plan.rule.scenario, count),
        place_id=rows["place_id"],
        region_id=rows["region_id"],
        open=is_open,
        places=np.bincount(plan.found.serves, minlength=count),
        load=np.bincount(plan.found.serves, land.weight, count).astype(np.int64),
        capacity=rows["capacity"],
        reasons=_site_reasons(plan, is_open),
    )


def _site_reasons(plan: Plan, is_open: Bool) -> pa.Array:
    state, fixed = plan.state, len(plan.land.problem.fixed)
    unit, size = plan.unit
    must = plan.land.problem.forced
    loss = np.zeros(len(is_open), np.int64)
    loss[state.site] = state.loss
    reasons = Reasons(len(is_open))
    reasons.add("match.site_must", 0, must)
    reasons.add(f"match.site_loss({unit})", loss // size, is_open)
    if len(state.site) > fixed:
        swap = (state.loss[fixed:, None] - state.extra[fixed:]).min(axis=0) - state.gain
        reasons.add(f"match.site_swap({unit})", swap // size, ~is_open)
    else:
        reasons.add("match.site_no_room", plan.rule.sites, ~is_open)
    return reasons.column()


def _links(plan: Plan) -> Tables:
    """Return who goes where."""
    land, rule = plan.land, plan.rule
    ids = land.place["place_id"]
    return output(
        "service_link",
        scenario=pa.repeat(rule.scenario, len(ids)),
        place_id=ids,
        site_id=ids.take(pa.array(land.site[plan.found.serves])),
        region_id=land.place["region_id"],
        weight=land.weight,
        distance=pa.array(plan.distance, mask=plan.lost),
        covered=plan.covered,
        reasons=_link_reasons(plan),
    )


def _link_reasons(plan: Plan) -> pa.Array:
    unit = UNITS[plan.rule.measure][0]
    near, after = plan.state.near, plan.state.next
    here, lost = plan.distance, plan.lost
    reasons = Reasons(len(here))
    reasons.add("match.link_unreached", 0, lost)
    reasons.add(f"match.link_nearest({unit})", here, ~lost & (here == near))
    reasons.add(f"match.link_full({unit})", here - near, ~lost & (here > near))
    reasons.add(f"match.link_beyond({unit})", here - (plan.rule.cap or 0), ~lost & plan.beyond)
    next_known = ~lost & (after < plan.land.nowhere)
    reasons.add(f"match.link_next({unit})", after - near, next_known)
    return reasons.column()


def _summary(plan: Plan) -> Tables:
    """Return what the plan means for every region, and as a whole."""
    land = plan.land
    region = land.place["region_id"].combine_chunks()
    names = sorted(pc.unique(region).drop_null().to_pylist())
    number = pc.fill_null(pc.index_in(region, value_set=pa.array(names, pa.string())), -1)
    code = number.to_numpy().astype(np.int64)
    groups = [*(code == i for i in range(len(names))), np.ones(len(code), bool)]
    here = [_figures(plan, g) for g in groups]
    total = np.arange(len(groups)) == len(names)
    value, bound = plan.value(), plan.bound()
    gap = abs(value - bound) / bound if bound else None
    each = {k: [h[k] for h in here] for k in here[0]}
    return output(
        "service_summary",
        scenario=pa.repeat(plan.rule.scenario, len(groups)),
        region_id=[*names, TOTAL],
        goal=pa.repeat(plan.rule.goal, len(groups)),
        **each,
        value=pa.array(np.where(total, value, 0), mask=~total),
        bound=pa.array(np.where(total, bound, 0), mask=~total),
        gap=[*[None] * len(names), gap],
        proof=[*[None] * len(names), plan.found.proof],
        reasons=_summary_reasons(plan, total, np.array(each["sites"]), gap),
    )


def _figures(plan: Plan, group: Bool) -> dict[str, object]:
    """Return how some places fare: people that no way leads to a point count for shares alone."""
    weight, known = plan.land.weight[group], group & ~plan.lost & (plan.land.weight > 0)
    people = int(weight.sum())
    w, d = plan.land.weight[known], plan.distance[known]
    spread = gini((w * d).astype(float), w.astype(float))
    reached = ~plan.lost & group
    return {
        "sites": int(group[plan.land.site[plan.found.site]].sum()),
        "places": int(group.sum()),
        "weight": people,
        "mean": float((w * d).sum()) / float(w.sum()) if len(w) else None,
        "farthest": int(plan.distance[reached].max()) if reached.any() else None,
        "covered": PPM * int(weight[plan.covered[group]].sum()) // people if people else None,
        "beyond": int(plan.beyond[group].sum()),
        "gini": None if np.isnan(spread) else spread,
    }


def _summary_reasons(plan: Plan, total: Bool, sites: Int, gap: float | None) -> pa.Array:
    reasons = Reasons(len(total))
    proof = plan.found.proof
    reasons.add("match.siting_bound", 0, total & (proof == "bound"))
    reasons.add("match.siting_search", 0, total & (proof == "search"))
    reasons.add("match.siting_gap", int(PPM * (gap or 0)), total & (proof == "none"))
    worst = int(np.argmax(plan.distance))
    place = plan.land.place["place_id"][worst].as_py()
    reasons.add(f"match.siting_farthest({place})", 0, total)
    reasons.add("match.siting_beyond", int(plan.beyond.sum()), total & plan.beyond.any())
    reasons.add("match.region_sites", sites, ~total)
    return reasons.column()
