"""What to set aside for loans: stage, expected loss, capital, and the reasons for each."""

from datetime import date
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from liandong.assess.portfolio import losses
from liandong.assess.portfolio.payments import merged, months, paid, past_due, payments
from liandong.assess.portfolio.scores import UNKNOWN, Looks, looks
from liandong.errors import UnfitError
from liandong.kernels.statistics.capital import risk_weight
from liandong.step import Rule, Tables, fold, output
from liandong.step.core import concat
from liandong.step.reasons import Reasons
from liandong.step.totals import must_fit, size
from liandong.texts import both
from liandong.types import PPM, Money, Rate

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

SALES = "sales_12m"
"""Feature that says what a borrower sells in a year, yuan."""


class Scenario(BaseModel):
    """One course that things may take.

    Attributes
    ----------
    weight
        Its probability.
    pd
        What probabilities of default are multiplied by; they stay at most 100 %.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: Rate = Field(ge=0, le=PPM)
    pd: Rate = Field(ge=0)


class ProvisionRule(Rule):
    """How provisions and capital are reckoned.

    Attributes
    ----------
    as_of
        Loans as they stood at the end of this day.
    rise, rise_least
        Credit risk has risen significantly where the probability of default is at least ``rise``
        times what it was when the loan was made, and higher by ``rise_least`` or more.
    high
        From this probability of default on it counts as risen, whatever it was before.
    unscored
        Probability of default of borrowers without a score.
    lgd
        Loss given default of loans without a product.
    base, down, up
        Scenarios; their weights add up to 100 %.
    due_every, due_day
        A payment is due on this day of every so many months.
    euro
        Price of a euro: the Basel formula knows small firms by their sales in euros.
    ratio
        Capital for each yuan of risk-weighted assets.
    """

    as_of: date
    rise: Rate = Field(default=Rate(2_000_000), ge=PPM)
    rise_least: Rate = Field(default=Rate(10_000), ge=0, le=PPM)
    high: Rate = Field(default=Rate(200_000), gt=0, le=PPM)
    unscored: Rate = Field(default=Rate(50_000), ge=0, le=PPM)
    lgd: Rate = Field(default=Rate(450_000), ge=0, le=PPM)
    base: Scenario = Scenario(weight=Rate(500_000), pd=Rate(PPM))
    down: Scenario = Scenario(weight=Rate(300_000), pd=Rate(1_500_000))
    up: Scenario = Scenario(weight=Rate(200_000), pd=Rate(700_000))
    due_every: int = Field(default=1, ge=1, le=12)
    due_day: int = Field(default=21, ge=1, le=28)
    euro: Money = Field(default=Money(780), ge=1)
    ratio: Rate = Field(default=Rate(80_000), ge=0, le=PPM)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(s.weight for s in self.scenarios().values()) != PPM:
            raise UnfitError(what=both("unfit.scenario_weights"))
        return self

    def scenarios(self) -> dict[str, Scenario]:
        """Return the scenarios by name."""
        return {"base": self.base, "down": self.down, "up": self.up}


class Book(NamedTuple):
    """Loans on the day, in order of their ids, one entry each.

    ``owed`` is fen, ``left`` months to the end, ``due`` days past due (UNKNOWN where the board
    shows no payments), ``level`` whether nothing has been paid back so far.
    """

    loans: pa.Table
    owed: Int
    left: Int
    due: Int
    level: Bool


def _partial(tables: Tables, rule: ProvisionRule) -> Tables:
    sums = payments(tables["flow"], rule.as_of)
    return {"paid": sums, "size": size(tables["flow"]["amount"])}


def _merge(left: Tables, right: Tables) -> Tables:
    both = concat(left, right)
    return {**both, "paid": merged(both["paid"])}


@fold(
    reads=("loan", "score", "event", "flow", "party", "product", "feature"),
    writes=("provision",),
    split=("flow",),
    rule=ProvisionRule,
    partial=_partial,
    merge=_merge,
    part=("as_of",),
)
def provision(tables: Tables, rule: ProvisionRule) -> Tables:
    """Say for every running loan its stage, expected loss, provision and capital.

    A loan is in stage 3 if its borrower is in default or a payment is 90 days late, in stage 2 if
    one is 30 days late or the probability of default has risen significantly (IFRS 9, 5.5), else
    in stage 1. Days past due come from the transfers of the loan: a month without one is a missed
    payment. Where the board shows no transfers of a loan its status and events decide alone. A
    status bears no date, so a default that an event dates after ``as_of`` does not count yet.

    What is owed is the amount less repayments. It falls evenly to the end if something has been
    paid back, and stays until the end otherwise. Losses are weighed over the scenarios and
    discounted at the loan's own rate (at none if it is not known). Amounts are reckoned in double
    precision and rounded to whole fen, halves to the even one.

    Raises
    ------
    DataError
        If transfers are too large to be added up.
    """
    must_fit(tables["size"], "flow")
    book = _book(tables, rule)
    party = book.loans["party_id"].combine_chunks()
    start = book.loans["start"].cast(pa.int32()).to_numpy().astype(np.int64)
    today = (rule.as_of - date(1970, 1, 1)).days
    look = looks(tables["score"], party, start, today)
    fallen = _defaulted(book, tables["event"], rule.as_of)
    late = book.due == UNKNOWN
    late &= pc.equal(book.loans["status"], "in_arrears").to_numpy()
    risen = _risen(look, rule)
    stages = losses.stage(book.due, risen | late, fallen)
    lgd, product = _lgd(book.loans, tables["product"], rule)
    sales = _sales(party, tables, rule)
    pd = np.where(stages == 3, PPM, np.where(look.now == UNKNOWN, int(rule.unscored), look.now))
    reasons = _reasons(book, look, rule, stages, (fallen, late, risen), product, sales)
    return output(
        "provision",
        loan_id=book.loans["loan_id"],
        as_of=pa.repeat(rule.as_of, len(party)),
        party_id=party,
        stage=stages,
        days_past_due=pa.array(book.due, mask=book.due == UNKNOWN),
        grade=look.grade,
        pd=pd.astype(np.int32),
        pd_then=pa.array(look.then.astype(np.int32), mask=look.then == UNKNOWN),
        lgd=lgd.astype(np.int32),
        ead=book.owed,
        **_amounts(book, stages, pd, lgd, rule),
        **_capital(book, pd, lgd, sales, rule),
        reasons=reasons,
    )


def _book(tables: Tables, rule: ProvisionRule) -> Book:
    """Return the loans that somebody owes something on at the end of the day."""
    loan = tables["loan"]
    loan = loan.filter(pc.less_equal(loan["start"], pa.scalar(rule.as_of)))
    loan = loan.sort_by("loan_id").combine_chunks()
    known = paid(tables["paid"], loan["loan_id"].combine_chunks())
    begin = months(loan["start"])
    end = begin + np.maximum(loan["term_months"].to_numpy(), 1)
    first = (rule.as_of.year - 1970) * 12 + rule.as_of.month - 1
    unfinished = pc.greater(pc.day(loan["start"]), rule.as_of.day).to_numpy()
    left = end - first + unfinished
    repaid = pc.equal(loan["status"], "repaid").to_numpy()
    owed = np.maximum(loan["amount"].to_numpy() - known.back, 0)
    owed = np.where(repaid & (~known.seen | (left <= 0)), 0, owed)
    due = past_due(begin, end, known.last, rule.due_every, rule.due_day, rule.as_of)
    due = np.where(known.seen | (due == 0), due, UNKNOWN)
    here = owed > 0
    left, level = np.maximum(left, 1)[here], (known.back == 0)[here]
    return Book(loan.filter(pa.array(here)), owed[here], left, due[here], level)


def _defaulted(book: Book, event: pa.Table, day: date) -> Bool:
    """Return whose borrower is in default: by an event of the loan, of the borrower, or status."""
    default = event.filter(pc.equal(event["kind"], "default"))
    seen = pc.less_equal(pc.coalesce(default["seen_at"], default["at"]), pa.scalar(day))
    known = pc.and_(seen, pc.less_equal(default["at"], pa.scalar(day)))
    by_now, later = default.filter(known), default.filter(pc.invert(known))
    own = pc.is_in(book.loans["loan_id"], value_set=by_now["ref"])
    last = by_now.group_by("party_id").aggregate([("at", "max")])
    at = pc.index_in(book.loans["party_id"], value_set=last["party_id"].combine_chunks())
    since = pc.greater_equal(last["at_max"].take(at), book.loans["start"])
    other = pc.fill_null(since, False)  # noqa: FBT003 - the value instead of null
    dated = pc.is_in(book.loans["party_id"], value_set=later["party_id"])
    told = pc.and_not(pc.equal(book.loans["status"], "default"), dated)
    return np.asarray(pc.or_(pc.or_(own, other), told).to_numpy(), bool)


def _risen(look: Looks, rule: ProvisionRule) -> Bool:
    """Return whose probability of default is much higher than when the loan was made."""
    more = look.now - look.then
    times = look.now * PPM >= look.then * int(rule.rise)
    risen = (look.then != UNKNOWN) & times & (more >= rule.rise_least)
    return np.asarray(risen | (look.now >= rule.high))


def _lgd(loans: pa.Table, product: pa.Table, rule: ProvisionRule) -> tuple[Int, pa.Array]:
    """Return the loss given default in ppm after guarantees, and the product that says it."""
    at = pc.index_in(loans["product_id"], value_set=product["product_id"].combine_chunks())
    at = pc.if_else(pc.is_valid(loans["product_id"]), at, None).combine_chunks()
    terms = product.take(at)
    uncovered = PPM - pc.fill_null(terms["guarantee_cover"], 0).to_numpy().astype(np.int64)
    told = pc.fill_null(terms["lgd"], 0).to_numpy().astype(np.int64) * uncovered
    lgd = np.where(pc.is_valid(at), -(-told // PPM), int(rule.lgd))
    return lgd, terms["product_id"].combine_chunks()


def _sales(party: pa.Array, tables: Tables, rule: ProvisionRule) -> Float:
    """Return the yearly sales of each borrower in millions of euros, nan where not known."""
    feature = tables["feature"]
    today = pc.equal(feature["as_of"], pa.scalar(rule.as_of))
    feature = feature.filter(pc.and_(today, pc.equal(feature["measure"], SALES)))
    at = pc.index_in(party, value_set=feature["party_id"].combine_chunks())
    yuan = feature["value"].take(at).to_numpy().astype(np.float64)
    who = pc.index_in(party, value_set=tables["party"]["party_id"].combine_chunks())
    told = tables["party"]["annual_revenue"].take(who).cast(pa.float64()).to_numpy()
    fen = np.where(np.isfinite(yuan), yuan * 100, told)
    return np.asarray(fen / int(rule.euro) / 1e6, np.float64)


def _amounts(book: Book, stages: Int, pd: Int, lgd: Int, rule: ProvisionRule) -> dict[str, Int]:
    """Return expected losses and provisions in fen, weighed and by scenario."""
    share, owed = lgd / PPM, book.owed.astype(np.float64)
    rate = pc.fill_null(book.loans["rate"], 0).to_numpy() / PPM
    plan = losses.Plan(owed, book.left, book.level)
    lost = share * owed
    found: dict[str, Int] = {}
    year, life, held = np.zeros((3, len(pd)))
    for name, course in rule.scenarios().items():
        risk = np.minimum(pd * (int(course.pd) / PPM), PPM) / PPM
        loss = losses.monthly_loss(risk, share, plan, rate)
        loss = losses.Loss(*(np.where(stages == 3, lost, part) for part in loss))
        needed = losses.allowance(stages, loss, share, owed)
        found[name] = _fen(needed)
        weight = course.weight / PPM
        year, life = year + weight * loss.year, life + weight * loss.life
        held = held + weight * needed
    return {**found, "ecl_year": _fen(year), "ecl_life": _fen(life), "provision": _fen(held)}


def _capital(book: Book, pd: Int, lgd: Int, sales: Float, rule: ProvisionRule) -> dict[str, Int]:
    """Return the risk weight in ppm and the capital in fen."""
    weight = risk_weight(pd / PPM, lgd / PPM, book.left / 12, sales)
    ppm = np.rint(weight * PPM).astype(np.int64)
    return {"risk_weight": ppm, "capital": _fen(book.owed * (ppm / PPM) * (rule.ratio / PPM))}


def _fen(value: Float) -> Int:
    """Round to whole fen, halves to the even one."""
    return np.rint(value).astype(np.int64)


def _reasons(
    book: Book, look: Looks, rule: ProvisionRule, stages: Int, why: tuple[Bool, Bool, Bool],
    product: pa.Array, sales: Float,
) -> pa.Array:  # fmt: skip
    """Return why each loan has its stage, its probability and loss of default, and its weight."""
    fallen, late, risen = why
    reasons = Reasons(len(stages))
    reasons.add("provision.default", here=fallen)
    reasons.add("provision.impaired", book.due, book.due >= losses.IMPAIRED)
    overdue = (book.due >= losses.SIGNIFICANT) & (book.due < losses.IMPAIRED)
    reasons.add("provision.past_due", book.due, overdue)
    reasons.add("provision.in_arrears", here=late)
    compared = look.then != UNKNOWN
    rose = [
        f"provision.pd_risen({Rate(a)} → {Rate(b)})" if r else None
        for a, b, r in zip(look.then, look.now, risen & compared & (stages < 3), strict=True)
    ]
    reasons.add(pa.array(rose, pa.string()))
    reasons.add(f"provision.pd_high({rule.high})", here=(look.now >= rule.high) & (stages < 3))
    reasons.add("provision.performing", here=stages == 1)
    reasons.add(_named("provision.pd_score", look.grade), here=stages < 3)
    unscored = (look.now == UNKNOWN) & (stages < 3)
    reasons.add(f"provision.pd_portfolio({rule.unscored})", here=unscored)
    reasons.add("provision.no_earlier_score", here=(stages < 3) & ~compared & ~unscored)
    reasons.add("provision.later_score", here=compared & ~look.at_start & (stages < 3))
    reasons.add("provision.no_payments_seen", here=book.due == UNKNOWN)
    reasons.add(_named("provision.lgd_product", product))
    reasons.add(f"provision.lgd_rule({rule.lgd})", here=~np.asarray(product.is_valid()))
    reasons.add("provision.small_firm", here=(sales < 50) & (stages < 3))
    return reasons.column()


def _named(code: str, argument: pa.Array) -> pa.Array:
    """Return the code with an argument a row; null where there is none."""
    return pc.binary_join_element_wise(f"{code}(", argument, ")", "")
