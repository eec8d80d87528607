"""Computing power: where and when jobs run, by prices of congestion, and what regions gain."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.kernels.allocation.dispatch import NOBODY, Jobs, Rest, Schedule, hindsight, plan
from liandong.match.factors.computing import FINE, HOUR, PART, Demand, demand
from liandong.match.factors.rolling import Pace, first_come, roll
from liandong.match.factors.rules import DispatchRule
from liandong.schema.arrow import empty
from liandong.step import Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.types import PPM

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

TOTAL = "*"


@fold(
    reads=("hub", "hub_hour", "job"),
    writes=("dispatch", "dispatch_price", "dispatch_summary"),
    rule=DispatchRule,
    part=("scenario",),
    needs={"hub": "load", "hub_hour": "load"},
)
def dispatch(tables: Tables, rule: DispatchRule) -> Tables:
    """Run each job at one hub, in hours within its window, where that is cheapest for all.

    Every hour the prices of congestion are solved anew, on the jobs known by then and on arrivals
    expected from the day before; then that hour is decided. Costs are energy, carbon, moving of
    data, and the penalty of what is not served, each rounded up to the fen. The summary holds a
    cost that no schedule is below, even one that knew all jobs beforehand; what first come first
    served would have cost; what each region's jobs save against running at home; and the rent of
    congestion that its hubs earn at the prices.

    Raises
    ------
    DataError
        If there are no hubs or hours, a hub is not known, or an hour is not whole.
    """
    if not len(tables["job"]):
        return {n: empty(n) for n in ("dispatch", "dispatch_price", "dispatch_summary")}
    wanted = demand(tables, rule)
    pace = Pace(rule.rounds, int(rule.first) / PPM, rule.ahead, int(rule.haste) / PPM)
    done = Done(wanted, roll(wanted.jobs, wanted.hubs, pace))
    return {**_rows(done, rule), **_prices(done, rule), **_summary(done, rule)}


@dataclass(frozen=True)
class Done:
    """A schedule and what it costs."""

    wanted: Demand
    schedule: Schedule

    @cached_property
    def ran(self) -> Int:
        """Minutes run of each job."""
        return np.asarray(self.schedule.ran.sum(axis=1))

    @cached_property
    def unserved(self) -> Int:
        """Minutes not run of each job."""
        return np.asarray(self.wanted.jobs.volume - self.ran)

    def of_hours(self, cost: Int) -> Int:
        """Return what the hours of each job add up to at a cost by hub and hour."""
        return np.asarray((self.schedule.ran * cost[self.schedule.hub]).sum(axis=1))

    @cached_property
    def parts(self) -> dict[str, Int]:
        """Parts of the cost of each job, fen, each rounded up."""
        wanted, hub = self.wanted, self.schedule.hub
        moved = wanted.jobs.transfer[np.arange(len(hub)), hub] * (hub != NOBODY)
        exact = {
            "energy": self.of_hours(wanted.energy),
            "carbon": self.of_hours(wanted.emitted),
            "transfer": moved,
            "penalty": self.unserved * wanted.jobs.penalty,
        }
        return {k: -(-v // PART) for k, v in exact.items()}

    @cached_property
    def cost(self) -> Int:
        """Cost of each job, fen."""
        return np.asarray(sum(self.parts.values()))

    @cached_property
    def exact(self) -> int:
        """Cost of all, in the unit of the problem."""
        hub, jobs = self.schedule.hub, self.wanted.jobs
        moved = jobs.transfer[np.arange(len(hub)), hub] * (hub != NOBODY)
        every = self.of_hours(self.wanted.hubs.unit) + moved + self.unserved * jobs.penalty
        return int(every.sum())

    def by(self, number: Int, values: Int) -> Int:
        """Add up values by a number of hubs."""
        out = np.zeros(len(self.wanted.hub), np.int64)
        np.add.at(out, number, values)
        return out


def _rows(done: Done, rule: DispatchRule) -> Tables:
    wanted, hub = done.wanted, done.schedule.hub
    some = done.ran > 0
    start = np.argmax(done.schedule.ran > 0, axis=1)
    hours = done.schedule.ran.shape[1]
    end = hours - np.argmax(done.schedule.ran[:, ::-1] > 0, axis=1)
    congestion = -(-done.of_hours(done.schedule.price) // PART)
    return output(
        "dispatch",
        scenario=pa.repeat(rule.scenario, len(hub)),
        job_id=wanted.job["job_id"],
        hub_id=wanted.hub["hub_id"].combine_chunks().take(pa.array(hub, mask=hub == NOBODY)),
        start=_times(wanted.begin + start * HOUR, ~some),
        end=_times(wanted.begin + end * HOUR, ~some),
        ran=done.ran,
        unserved=done.unserved,
        **done.parts,
        congestion=congestion,
        reasons=_reasons(done, start, congestion),
    )


def _times(microseconds: Int, mask: Bool) -> pa.Array:
    return pa.array(microseconds, mask=mask).cast(pa.timestamp("us", "UTC"))


def _reasons(done: Done, start: Int, congestion: Int) -> pa.Array:
    wanted, hub = done.wanted, done.schedule.hub
    some, away = done.ran > 0, (done.ran > 0) & (hub != wanted.home)
    reasons = Reasons(len(hub))
    reasons.add("match.dispatch_home", 0, some & ~away)
    reasons.add("match.dispatch_moved", _saved(done, away), away)
    late = start - wanted.jobs.first
    reasons.add("match.dispatch_waited", late, some & (late > 0))
    for name, code in (
        ("energy", "match.dispatch_energy"), ("carbon", "match.dispatch_carbon"),
        ("transfer", "match.dispatch_transfer"),
    ):  # fmt: skip
        reasons.add(code, done.parts[name], done.parts[name] > 0)
    reasons.add("match.dispatch_congestion", congestion, congestion > 0)
    closed = wanted.jobs.last <= wanted.jobs.first
    reasons.add("match.dispatch_no_window", done.unserved, closed)
    reasons.add("match.dispatch_full", done.unserved, ~closed & (done.unserved > 0))
    return reasons.column()


def _saved(done: Done, away: Bool) -> Int:
    """Return what jobs that moved save against home at the prices, fen."""
    wanted, jobs, price = done.wanted, done.wanted.jobs, done.schedule.price
    out = np.zeros(len(away), np.int64)
    cost = wanted.hubs.unit + price
    here = done.of_hours(cost) + done.unserved * jobs.penalty
    take = np.zeros(price.shape[1], np.int64)
    whole = Rest(jobs.volume, np.full(len(away), NOBODY), 0)
    for j in np.flatnonzero(away).tolist():
        stay = plan(jobs, j, int(wanted.home[j]), whole, cost, cost, wanted.hubs.capacity, take)
        moved = here[j] + jobs.transfer[j, done.schedule.hub[j]]
        out[j] = (stay - moved) // PART
    return out


def _prices(done: Done, rule: DispatchRule) -> Tables:
    wanted, price = done.wanted, done.schedule.price
    hubs, hours = price.shape
    used = np.zeros_like(price)
    np.add.at(used, done.schedule.hub[done.ran > 0], done.schedule.ran[done.ran > 0])
    at = wanted.begin + np.tile(np.arange(hours), hubs) * HOUR
    return output(
        "dispatch_price",
        scenario=pa.repeat(rule.scenario, price.size),
        hub_id=wanted.hub["hub_id"]
        .combine_chunks()
        .take(pa.array(np.repeat(np.arange(hubs), hours))),
        at=_times(at, np.zeros(len(at), bool)),
        price=price.ravel() / (100 * FINE),
        used=used.ravel(),
        capacity=wanted.hubs.capacity.ravel(),
    )


def _at_home(wanted: Demand) -> Jobs:
    """Return the jobs bound to their home hubs."""
    own = wanted.home[:, None] == np.arange(len(wanted.hub))
    return wanted.jobs._replace(may=own)


def _summary(done: Done, rule: DispatchRule) -> Tables:
    wanted, home = done.wanted, done.wanted.home
    at_home = Done(wanted, first_come(_at_home(wanted), wanted.hubs))
    cheapest = Done(wanted, first_come(wanted.jobs, wanted.hubs))
    region = wanted.hub["region_id"].to_pylist()
    names = sorted(set(region))
    number = np.array([names.index(r) for r in region])
    came = done.ran * (done.schedule.hub != home)
    each = {
        "jobs": done.by(home, np.ones(len(home), np.int64)),
        "volume": done.by(home, wanted.jobs.volume),
        "unserved": done.by(home, done.unserved),
        "ran_here": done.by(done.schedule.hub, done.ran),
        "came": done.by(done.schedule.hub, came),
        "cost": done.by(home, done.cost),
        "home_cost": done.by(home, at_home.cost),
        "cheapest_cost": done.by(home, cheapest.cost),
        "rent": done.by(done.schedule.hub, done.of_hours(done.schedule.price)) // PART,
        "carbon_kg": done.by(done.schedule.hub, done.of_hours(wanted.carbon)) // (60 * 1000),
    }
    columns = {k: _by_region(v, number, len(names)) for k, v in each.items()}
    columns["benefit"] = columns["home_cost"] - columns["cost"]
    best = min((done, at_home, cheapest), key=lambda d: d.exact)
    bound, _ = hindsight(
        wanted.jobs, wanted.hubs, done.schedule.price, best.exact, rule.proof_rounds
    )
    floor = max(0, bound // PART)
    gap = (int(columns["cost"][-1]) - floor) / floor if floor else None
    none = [None] * len(names)
    return output(
        "dispatch_summary",
        scenario=pa.repeat(rule.scenario, len(names) + 1),
        region_id=[*names, TOTAL],
        **columns,
        bound=[*none, floor],
        gap=[*none, gap],
        reasons=_summary_reasons(columns, gap),
    )


def _by_region(values: Int, number: Int, regions: int) -> Int:
    out = np.zeros(regions + 1, np.int64)
    np.add.at(out, number, values)
    out[-1] = values.sum()
    return out


def _summary_reasons(columns: dict[str, Int], gap: float | None) -> pa.Array:
    rows = len(columns["cost"])
    total = np.arange(rows) == rows - 1
    reasons = Reasons(rows)
    reasons.add("match.dispatch_benefit", columns["benefit"])
    reasons.add("match.dispatch_rent", columns["rent"])
    reasons.add("match.dispatch_gap", int(PPM * (gap or 0)), total & (gap is not None))
    reasons.add("match.dispatch_full", columns["unserved"], columns["unserved"] > 0)
    return reasons.column()
