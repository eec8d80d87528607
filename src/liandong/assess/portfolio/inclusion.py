"""Whom credit reaches: shares of what was lent, and three policies compared at equal loss."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, field_validator

from liandong.assess.card.fit import fit
from liandong.assess.card.labels import outcomes
from liandong.assess.measures.months import days, months_before
from liandong.assess.portfolio.policies import (
    Learning,
    collateral_worth,
    financial_worth,
    unseen_worth,
)
from liandong.assess.portfolio.reach import TAILS, Applicants, Figure, Reach
from liandong.errors import DataError, UnfitError
from liandong.kernels.statistics.distributions import beta_quantile
from liandong.schema.arrow import empty
from liandong.step import Rule, Tables, fold, output
from liandong.texts import both
from liandong.types import Money, Rate

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

SALES = "sales_12m"
UNKNOWN = -1
ALL = 1_000_000
LATER = timedelta(days=1)


class InclusionRule(Rule):
    """Whose access to credit is measured, and how policies are compared.

    Attributes
    ----------
    as_of
        Firms as they looked on this day; what was lent in the months up to it.
    horizon_months
        A default within so many months after ``as_of`` makes a borrower bad.
    window_months
        Loans of so many months up to ``as_of`` are what was lent.
    small
        A firm with yearly revenue of at most this is small.
    history_months
        A first loan on the board says that the firm had none before only if the board's own
        history is at least so long.
    approvals
        Shares of approval at which policies are compared.
    most
        What a firm is lent at most where policies are compared: credit without collateral has a
        limit, and without one a few large loans would decide everything.
    lgd
        Part of the amount that a default costs.
    least
        Fewest firms in a region for a figure of its own.
    folds, seed, draws
        Parts for learning from other firms than those judged; seed of the parts and of the
        bootstrap; and its samples.
    """

    as_of: date
    horizon_months: int = Field(default=12, ge=1, le=120)
    window_months: int = Field(default=12, ge=1, le=600)
    small: Money = Field(default=Money(1_000_000_000), ge=0)
    history_months: int = Field(default=12, ge=0)
    approvals: tuple[Rate, ...] = tuple(Rate(k * 50_000) for k in range(1, 21))
    most: Money = Field(default=Money(1_000_000_000), ge=1)
    lgd: Rate = Field(default=Rate(450_000), ge=0, le=ALL)
    least: int = Field(default=20, ge=1)
    folds: int = Field(default=4, ge=2, le=20)
    seed: int = Field(default=1, ge=0)
    draws: int = Field(default=200, ge=20, le=10_000)

    @field_validator("approvals")
    @classmethod
    def _ascending(cls, shares: tuple[Rate, ...]) -> tuple[Rate, ...]:
        if not shares or list(shares) != sorted({s for s in shares if 0 < s <= ALL}):
            raise UnfitError(what=both("unfit.approval_shares"))
        return shares


class Lent(NamedTuple):
    """Loans until the day, in order of their ids, with what is known of their borrowers.

    ``revenue`` is fen or UNKNOWN; ``first`` 1 for a borrower's first loan, 0 for a later one,
    UNKNOWN where the history is too short to tell.
    """

    party: pa.Array
    amount: Int
    start: Int
    term: Int
    first: Int


@fold(
    reads=(*dict.fromkeys((*fit.reads, "party", "project", "feature", "signal", "event", "loan")),),
    writes=("inclusion",),
    rule=InclusionRule,
    part=("as_of",),
)
def inclusion(tables: Tables, rule: InclusionRule) -> Tables:
    """Measure whom credit reaches, and whom it would reach by other rules.

    ``lent`` is what was lent in the last months: the shares of small firms, of first-time
    borrowers, of each region and size class, by number (Jeffreys' interval) and by amount
    (bootstrap). The curves are of borrowers whose outcome is known: at each share of approvals
    the bad rate, the loss, and who is reached, if firms were approved by a scorecard that has not
    seen them, by collateral over the amount, or by financial statements; and which part more the
    scorecard reaches at the loss of either (``over_…``), by number and by amount. Those who were
    never lent to cannot be judged. Without outcomes there are no curves.
    """
    lent = _lent(tables["loan"], rule)
    found = list(_shares(lent, tables, rule))
    found += _curves(lent, tables, rule)
    if not found:
        return {"inclusion": empty("inclusion")}
    value, low, high = (np.array([f[k] for f in found], float) for k in (4, 5, 6))
    return output(
        "inclusion",
        as_of=pa.repeat(rule.as_of, len(found)),
        policy=[f.policy for f in found],
        slice=[f.slice for f in found],
        approved=pa.array([f.approved for f in found], pa.int32()),
        measure=[f.measure for f in found],
        value=pa.array(value, mask=np.isnan(value)),
        low=pa.array(low, mask=np.isnan(low)),
        high=pa.array(high, mask=np.isnan(high)),
        n=[f.n for f in found],
    )


def _lent(loan: pa.Table, rule: InclusionRule) -> Lent:
    until = loan.filter(pc.less_equal(loan["start"], pa.scalar(rule.as_of))).sort_by("loan_id")
    start = days(until["start"])
    party = until["party_id"].combine_chunks()
    code = party.dictionary_encode().indices.to_numpy()
    earliest = np.full(int(code.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(earliest, code, start)
    first = (start == earliest[code]).astype(np.int64)
    begin = np.datetime64(int(start.min()) if len(start) else 0, "D").astype("datetime64[M]")
    known = start.astype("datetime64[D]") >= begin + rule.history_months
    # A later loan is a later one however short the history.
    first = np.where((first == 1) & ~known, UNKNOWN, first)
    amount, term = until["amount"].to_numpy(), until["term_months"].to_numpy()
    return Lent(party, amount, start, term, first)


def _of(party: pa.Array, table: pa.Table) -> pa.Table:
    """Return the row of each party, of nulls where there is none."""
    return table.take(pc.index_in(party, value_set=table["party_id"].combine_chunks()))


def _revenue(party: pa.Array, tables: Tables, as_of: date) -> Int:
    """Return yearly revenue in fen: sales of the last year, or else what the registry says."""
    feature = tables["feature"]
    today = pc.equal(feature["as_of"], pa.scalar(as_of))
    sales = feature.filter(pc.and_(today, pc.equal(feature["measure"], SALES)))
    yuan = _of(party, sales)["value"].to_numpy().astype(np.float64)
    told = pc.fill_null(_of(party, tables["party"])["annual_revenue"], UNKNOWN).to_numpy()
    fen = np.rint(np.nan_to_num(yuan) * 100).astype(np.int64)
    return np.asarray(np.where(np.isfinite(yuan), fen, told), np.int64)


def _shares(lent: Lent, tables: Tables, rule: InclusionRule) -> Iterator[Figure]:
    """Yield the shares of slices in what was lent lately."""
    age = months_before(lent.start, rule.as_of)
    rows = np.flatnonzero((age >= 0) & (age < rule.window_months))
    if not len(rows):
        return
    party = lent.party.take(rows)
    revenue = _revenue(party, tables, rule.as_of)
    about = _of(party, tables["party"])
    cuts = {
        "small": (revenue <= int(rule.small), revenue != UNKNOWN),
        "first_time": (lent.first[rows] == 1, lent.first[rows] != UNKNOWN),
    }
    for kind, column in (("region", "region_id"), ("size", "size_class")):
        known = about[column].is_valid().to_numpy()
        for name in sorted(pc.unique(pc.drop_null(about[column])).to_pylist()):
            here = pc.fill_null(pc.equal(about[column], name), fill_value=False)
            cuts[f"{kind}.{name}"] = (here.to_numpy(), known)
    random = np.random.default_rng(rule.seed)
    drawn = random.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), rule.draws)
    amount = lent.amount[rows].astype(np.float64)
    for name, (here, known) in cuts.items():
        if known.any():
            yield _by_number(name, int((here & known).sum()), int(known.sum()))
            yield _by_amount(name, amount * (here & known), amount * known, drawn)


def _by_number(name: str, some: int, n: int) -> Figure:
    low, high = (beta_quantile(t / 100, some + 0.5, n - some + 0.5) for t in TAILS)
    return Figure("lent", name, ALL, "share_number", some / n, low * (some > 0),
                  high if some < n else 1.0, n)  # fmt: skip


def _by_amount(name: str, some: Float, whole: Float, drawn: Int) -> Figure:
    sums = (drawn * whole).sum(axis=1)
    shares = (drawn * some).sum(axis=1)[sums > 0] / sums[sums > 0]
    low, high = np.percentile(shares, TAILS) if len(shares) else (np.nan, np.nan)
    value = some.sum() / whole.sum()
    return Figure("lent", name, ALL, "share_amount", value, low, high, int((whole > 0).sum()))


def _curves(lent: Lent, tables: Tables, rule: InclusionRule) -> Iterator[Figure]:
    """Return the figures of the three policies, none where nothing can be learnt."""
    known = outcomes(tables, rule.as_of, rule.horizon_months)
    feature = tables["feature"]
    today = feature.filter(pc.equal(feature["as_of"], pa.scalar(rule.as_of)))
    known = known.filter(pc.is_in(known["party_id"], value_set=today["party_id"]))
    firms, bad = known["party_id"].combine_chunks(), known["bad"].to_numpy().astype(bool)
    how = Learning(rule.as_of, rule.horizon_months, rule.folds, rule.seed)
    try:
        scorecard = unseen_worth(tables, firms, bad, how)
    except DataError:
        return iter(())
    amount, first = _running(lent, firms, tables["project"], rule.as_of)
    amount = np.minimum(amount, int(rule.most))
    revenue = _revenue(firms, tables, rule.as_of)
    worth = {
        "scorecard": scorecard,
        "collateral": collateral_worth(tables["signal"], firms, amount, rule.as_of),
        "financials": financial_worth(tables, firms, bad, revenue, how),
    }
    # A policy that has nothing to go by is none.
    worth = {p: w for p, w in worth.items() if p == "scorecard" or np.ptp(w) > 0}
    small = (revenue != UNKNOWN) & (revenue <= int(rule.small))
    who = Applicants(
        bad, amount, {"small": small, "first_time": first == 1},
        _regions(firms, tables["party"], rule.least),
    )  # fmt: skip
    shares = tuple(int(s) for s in rule.approvals)
    return Reach(who, worth, shares, rule.lgd / 1e6, rule.draws, rule.seed).figures()


def _running(lent: Lent, firms: pa.Array, project: pa.Table, as_of: date) -> tuple[Int, Int]:
    """Return what each firm borrows in fen (or asks for, or 0), and whether for the first time."""
    age = months_before(lent.start, as_of)
    rows = np.flatnonzero(age < lent.term)
    at = pc.fill_null(pc.index_in(lent.party.take(rows), value_set=firms), -1).to_numpy()
    rows, at = rows[at >= 0], at[at >= 0]
    amount, first = np.zeros(len(firms), np.int64), np.full(len(firms), UNKNOWN)
    np.add.at(amount, at, lent.amount[rows])
    np.maximum.at(first, at, lent.first[rows])
    asked = project.group_by("party_id", use_threads=False).aggregate([("need", "sum")])
    need = pc.fill_null(_of(firms, asked)["need_sum"], 0).to_numpy()
    return np.where(amount > 0, amount, need), first


def _regions(firms: pa.Array, party: pa.Table, least: int) -> dict[str, Bool]:
    """Return which firms lie in each region with enough of them."""
    region = _of(firms, party)["region_id"]
    found = {}
    for name in sorted(pc.unique(pc.drop_null(region)).to_pylist()):
        here = pc.fill_null(pc.equal(region, name), fill_value=False).to_numpy()
        if here.sum() >= least:
            found[f"region.{name}"] = here
    return found
