"""The step: learn from the year that is over what invention is worth, and value firms today."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.assess.innovation.evidence import Finding, Plan, Sample, evidence
from liandong.assess.innovation.fields import Portfolio
from liandong.assess.innovation.model import Model, Scale, age_class, blocks, deal
from liandong.assess.innovation.terms import TERMS, YEAR, Orders, orders_at, terms_at
from liandong.assess.measures.invoices import grouped, invoice_sums
from liandong.kernels.scores.ridge import predict
from liandong.schema.arrow import empty
from liandong.schema.field import MONEY_MOST
from liandong.step import Rule, Tables, fold, output
from liandong.step.core import concat
from liandong.step.reasons import Reasons
from liandong.step.totals import must_fit, size
from liandong.types import Money, Rate

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

AGE = next(j for j, t in enumerate(TERMS) if t.name == "age_years")
INVENTION = blocks("innovation")


class InnovationRule(Rule):
    """Who is valued, what is learnt from, and how it is tested.

    Attributes
    ----------
    as_of
        Firms are valued as they looked on this day. The model learns from how they looked a year
        before and from the orders of the year between, so nothing later than this day is used.
    max_age
        Years since its founding up to which a firm is young.
    industries
        Divisions of GB/T 4754 whose young firms are listed even without a trace of invention.
    least
        Fewest firms to learn from; with fewer nobody is valued.
    floor
        Added to orders before their logarithm is taken: below it, growth hardly counts.
    bound
        Growth counts up to this logarithm either way when weights are learnt.
    penalty
        Ridge: how many firms' worth of evidence a weight needs before it counts.
    miss
        Share of firms whose orders may lie outside their interval.
    parts, repeats
        Parts of the cross-fitting, and how often it is dealt anew for the test.
    permutations, draws, seed
        Shuffles of the test, draws of its intervals, and the seed of both.
    """

    as_of: date
    max_age: int = Field(default=10, ge=1, le=100)
    industries: tuple[str, ...] = (
        "C27", "C35", "C37", "C38", "C39", "C40", "I63", "I64", "I65", "M73", "M74", "M75",
    )  # fmt: skip
    least: int = Field(default=30, ge=20)
    floor: Money = Field(default=Money(1_000_000), gt=0)
    bound: float = Field(default=0.5, gt=0)
    penalty: float = Field(default=40.0, gt=0)
    miss: Rate = Field(default=Rate(100_000), gt=0, lt=1_000_000)
    parts: int = Field(default=10, ge=3, le=20)
    repeats: int = Field(default=3, ge=1, le=100)
    permutations: int = Field(default=199, ge=19, le=9_999)
    draws: int = Field(default=400, ge=40, le=10_000)
    seed: int = Field(default=1, ge=0)

    @property
    def learn(self) -> date:
        """The day a year before ``as_of``; the last of a month stays the last of its month."""
        year, month, day = self.as_of.year - 1, self.as_of.month, self.as_of.day
        if (self.as_of + timedelta(days=1)).day == 1:
            return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return date(year, month, day)


def _young(party: pa.Table, day: date, years: int) -> Bool:
    """Tell which parties are firms that existed on ``day`` and were at most so many years old."""
    founded = party["founded"]
    use = pc.and_(
        pc.is_in(party["kind"], value_set=pa.array(["firm", "coop"])),
        pc.less_equal(founded, pa.scalar(day)),
    )
    ended = pc.fill_null(pc.less(party["valid_to"], pa.scalar(day)), fill_value=False)
    use = pc.fill_null(pc.and_not(use, ended), fill_value=False)
    age = (np.datetime64(day) - founded.to_numpy()).astype("timedelta64[D]")
    recent = age <= np.timedelta64(int(years * 365.25), "D")
    return np.asarray(use.to_numpy().astype(bool) & recent)


def _firms(party: pa.Table, rule: InnovationRule) -> pa.Table:
    """Return the firms that are young, or were so a year ago, in order."""
    some = _young(party, rule.as_of, rule.max_age) | _young(party, rule.learn, rule.max_age)
    return party.filter(pa.array(some)).sort_by("party_id")


def _partial(tables: Tables, rule: InnovationRule) -> Tables:
    ids = _firms(tables["party"], rule)["party_id"].combine_chunks()
    invoice = tables["invoice"]
    return {"sums": invoice_sums(invoice, ids, rule.as_of), "size": size(invoice["net"])}


def _merge(left: Tables, right: Tables) -> Tables:
    both = concat(left, right)
    return {**both, "sums": grouped(both["sums"])}


@fold(
    reads=("invoice", "signal", "party", "bid"),
    writes=("innovation", "innovation_test"),
    split=("invoice",),
    rule=InnovationRule,
    partial=_partial,
    merge=_merge,
    part=("as_of",),
)
def innovation(tables: Tables, rule: InnovationRule) -> Tables:
    """Value what young firms invent by the orders it lets expect.

    A year before ``as_of`` every young firm with a trace of invention is described by its size,
    age, orders and inventions as they were known then; the growth of its orders since is learnt
    by an additive model. Applied to today, the terms of invention are a firm's value: points, one
    for each hundredth of the logarithm of growth, above or below the average firm. The reasons add
    up to the points. Orders of the year to come have a CV+ interval; the points have one of the
    jackknife. ``innovation_test`` says what invention adds to size and age (and to orders so far),
    on firms that were left out.

    Firms without a trace of invention get no value but a reason, and so does everybody if there
    are fewer than ``least`` firms to learn from.
    """
    must_fit(tables["size"], "invoice")
    firms = _firms(tables["party"], rule)
    if not len(firms):
        return {n: empty(n) for n in ("innovation", "innovation_test")}
    past = _look(tables, firms, rule, YEAR)
    now = _look(tables, firms, rule, 0)
    growth = np.log((now.orders.year() + rule.floor) / (past.orders.year() + rule.floor))
    learnt = past.young & past.traced & now.orders.known
    scale = Scale.of(past.values[learnt])
    sample = Sample(
        scale.of_terms(past.values[learnt]), growth[learnt], age_class(past.values[learnt, AGE])
    )
    model, found = None, [Finding("all", "firms", float(len(sample.y)), n=len(sample.y))]
    if len(sample.y) >= rule.least:
        part = deal(sample.age, rule.parts, rule.seed)
        model = Model.fit(sample.x, sample.y, rule.bound, sample.age, part, rule.penalty)
        found += evidence(sample, model, _plan(rule))
    tech = np.array([(i or "")[:3] in rule.industries for i in firms["industry"].to_pylist()], bool)
    return {
        **_values(tables, firms, now, model, scale, now.young & (now.traced | tech), rule),
        **_test(found, rule),
    }


def _plan(rule: InnovationRule) -> Plan:
    return Plan(
        rule.parts, rule.repeats, rule.permutations, rule.draws, rule.penalty, rule.bound,
        rule.miss / 1e6, rule.seed,
    )  # fmt: skip


class _Look(NamedTuple):
    """How firms looked on a day."""

    young: Bool
    traced: Bool
    orders: Orders
    values: Float


def _look(tables: Tables, firms: pa.Table, rule: InnovationRule, back: int) -> _Look:
    day = rule.learn if back else rule.as_of
    orders = orders_at(tables["sums"], firms["party_id"].combine_chunks(), back)
    values, traced = terms_at(firms, orders, tables, day, rule.floor)
    return _Look(_young(firms, day, rule.max_age), traced, orders, values)


def _values(
    tables: Tables, firms: pa.Table, now: _Look, model: Model | None, scale: Scale, some: Bool,
    rule: InnovationRule,
) -> Tables:  # fmt: skip
    """Return ``innovation``: the firms that are listed, valued where that can be done."""
    rows = firms.filter(pa.array(some))
    ids = rows["party_id"].combine_chunks()
    traced, known = now.traced[some], now.orders.known[some]
    year, values = now.orders.year()[some], now.values[some]
    x, age = scale.of_terms(values), age_class(values[:, AGE])
    valued = traced & (model is not None)
    points, doubt = np.zeros(x.shape, np.int64), np.zeros(len(x))
    money = np.zeros((4, len(x)), np.int64)
    open_top = np.zeros(len(x), bool)
    if model is not None:
        points = np.rint(100 * model.parts_of(x)).astype(np.int64)
        points[:, np.setdiff1d(np.arange(len(TERMS)), INVENTION)] = 0
        doubt = 100 * model.margin(x, INVENTION, rule.miss / 1e6)
        middle, (low, high) = predict(x, model.weights), model.interval(x, age, rule.miss / 1e6)
        plain = middle - points.sum(axis=1) / 100
        money = np.array([_orders(g, year, rule.floor) for g in (middle, low, high, plain)])
        open_top = ~np.isfinite(high)
    total = points.sum(axis=1)
    return output(
        "innovation",
        party_id=ids,
        as_of=pa.repeat(rule.as_of, len(ids)),
        points=pa.array(total, mask=~valued),
        points_low=pa.array(np.floor(total - doubt).astype(np.int64), mask=~valued),
        points_high=pa.array(np.ceil(total + doubt).astype(np.int64), mask=~valued),
        rank=pa.array(_standing(total, valued), mask=~valued),
        orders=pa.array(year, mask=~known),
        expected=pa.array(money[0], mask=~valued | ~known),
        low=pa.array(money[1], mask=~valued | ~known),
        high=pa.array(money[2], mask=~valued | ~known | open_top),
        worth=pa.array(money[0] - money[3], mask=~valued | ~known),
        field=Portfolio.known(tables["signal"], tables["party"], rule.as_of).main(ids),
        reasons=_reasons(points, values, traced, valued),
    )


def _orders(growth: Float, year: Int, floor: int) -> Int:
    """Return next year's orders in fen from this year's and the logarithm of growth."""
    with np.errstate(over="ignore"):
        next_year = (year + floor) * np.exp(growth) - floor
    return np.rint(np.clip(next_year, 0, MONEY_MOST)).astype(np.int64)


def _standing(points: Int, valued: Bool) -> NDArray[np.int32]:
    """Return the share of valued firms with fewer points, in ppm; equals count half."""
    ordered = np.sort(points[valued])
    below, upto = (np.searchsorted(ordered, points, side) for side in ("left", "right"))
    return ((below + upto) * 500_000 // max(1, len(ordered))).astype(np.int32)


def _reasons(points: Int, values: Float, traced: Bool, valued: Bool) -> pa.Array:
    reasons = Reasons(len(points))
    reasons.add("innovation.no_trace", 0, ~traced)
    reasons.add("innovation.too_few_peers", 0, traced & ~valued)
    for j in INVENTION:
        unknown = np.isnan(values[:, j])
        reasons.add(f"innovation.term({TERMS[j].name})", points[:, j], valued & ~unknown)
        reasons.add(f"innovation.unknown({TERMS[j].name})", 0, valued & unknown)
    return reasons.column(heaviest_first=True)


def _test(found: list[Finding], rule: InnovationRule) -> Tables:
    value, low, high = (np.array([f[k] for f in found], float) for k in (2, 3, 4))
    return output(
        "innovation_test",
        as_of=[rule.as_of] * len(found),
        slice=[f.slice for f in found],
        measure=[f.measure for f in found],
        value=pa.array(value, mask=np.isnan(value)),
        low=pa.array(low, mask=np.isnan(low)),
        high=pa.array(high, mask=np.isnan(high)),
        n=[f.n for f in found],
    )
