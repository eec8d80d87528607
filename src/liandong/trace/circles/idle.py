"""Loan money that does no work: soon in deposits, securities or property, or back again."""

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.step.totals import must_fit, size
from liandong.trace.currency import lent
from liandong.trace.log import up_to
from liandong.types import Rate

Int = NDArray[np.int64]
DAY = 86_400_000_000
"""Microseconds."""
PPM = 1_000_000
SHARE_MOST = 2**31 - 1
SECURITIES = ("证券", "股票", "基金", "期货", "securities", "stock", "futures")
PROPERTY = ("购房", "房款", "property", "real estate")
WEALTH = ("理财", "wealth")
DEPOSIT = ("定期", "存单", "大额存", "deposit")


class IdleRule(Rule):
    """What is use that does no work, and how soon after the loan.

    Attributes
    ----------
    days
        So many days after the loan was paid out count.
    deposit, wealth, securities, property
        Words of a purpose that say such a use, whatever the account; kinds of accounts that are
        named like a use say it by themselves.
    related
        Whether money that goes to a party of the borrower's own group is told.
    least
        Smaller shares of the loan are not told.
    orange, red
        From which share of the loan on a use is graver.
    method
        By which rule of tracing loan money is told.
    until
        Last day (UTC) whose transfers count; None means all.
    """

    days: int = Field(default=7, ge=1, le=3_660)
    deposit: tuple[str, ...] = DEPOSIT
    wealth: tuple[str, ...] = WEALTH
    securities: tuple[str, ...] = SECURITIES
    property: tuple[str, ...] = PROPERTY
    related: bool = True
    least: Rate = Field(default=Rate(200_000), ge=0, le=1_000_000)
    orange: Rate = Field(default=Rate(500_000), ge=0, le=1_000_000)
    red: Rate = Field(default=Rate(800_000), ge=0, le=1_000_000)
    method: Literal["fifo"] = "fifo"
    until: date | None = None


USES = ("deposit", "wealth", "securities", "property")
"""Uses that an account or a purpose tells; who is paid tells the others."""
SAID = {
    "deposit": "idle.deposit", "wealth": "idle.wealth", "securities": "idle.securities",
    "property": "idle.property", "related": "idle.related", "round_trip": "idle.round_trip",
}  # fmt: skip
"""The reason of each use."""
LEVELS = np.array(["yellow", "orange", "red"])


@dataclass
class _Use:
    """What is found of one use of one loan: fen paid and traced, when last, which transfers."""

    paid: int = 0
    traced: int = 0
    last: int = 0
    flows: set[str] = field(default_factory=set)

    def add(self, flow: str, at: int, paid: int, traced: int) -> None:
        """Count a transfer."""
        self.paid, self.traced = self.paid + paid, self.traced + traced
        self.last = max(self.last, at)
        self.flows.add(flow)


class _Loan(NamedTuple):
    """A loan as it was paid out: into which account, when (microseconds), and how much (fen)."""

    account: str
    at: int
    amount: int


Found = dict[tuple[str, str], _Use]


@fold(
    reads=("flow", "loan", "bank_account", "party_group", "trail", "circle", "circle_leg"),
    writes=("idle",),
    rule=IdleRule,
)
def idle(tables: Tables, rule: IdleRule) -> Tables:
    """Find loans whose money soon goes where it does no work (空转, 挪用).

    Two things count: what the account that a loan was paid into pays, in the days after, to
    accounts or for purposes of a use (of several loans the latest counts); and what of the loan is
    traced into such payments of anybody, in the same days. The larger of both, against the loan,
    is the share; all is in the loan's currency. Old money in the account may hide a loan from
    tracing first in, first out, so the first needs no trace; how much is traced is told beside it.

    A payment to the payer's own group is a use too, but not as a leg of a red circle: the closing
    leg of that is told, as ``round_trip`` of the loan that the circle set out with.

    Raises
    ------
    DataError
        If amounts are too large to be added up.
    """
    flow = up_to(tables["flow"], rule.until)
    must_fit(size(flow["amount"]), "flow")
    loans = _loans(flow, lent(flow, tables["bank_account"]))
    found: Found = defaultdict(_Use)
    used = _used(flow, tables, rule)
    _count_paid(used, loans, rule, found)
    _count_traced(used, loans, tables["trail"], rule, found)
    _count_returned(tables, loans, found)
    return _told(loans, found, rule)


def _loans(flow: pa.Table, paid_out: Int) -> dict[str, _Loan]:
    """Return the loans that were paid out, with what was paid first, in their currencies."""
    flow = flow.set_column(flow.schema.get_field_index("amount"), "amount", pa.array(paid_out))
    paid = pc.and_(pc.equal(flow["kind"], "disbursement"), pc.greater(flow["amount"], 0))
    rows = flow.filter(pc.and_(paid, pc.is_valid(flow["loan_id"])))
    rows = rows.sort_by([(n, "ascending") for n in ("at", "seq", "flow_id")])
    columns = (rows["loan_id"], rows["dst_account"], rows["at"].cast(pa.int64()), rows["amount"])
    loans: dict[str, _Loan] = {}
    for name, account, at, amount in zip(*(c.to_pylist() for c in columns), strict=True):
        before = loans.get(name)
        loans[name] = before._replace(amount=before.amount + amount) if before else _Loan(
            account, at, amount
        )  # fmt: skip
    return loans


def _used(flow: pa.Table, tables: Tables, rule: IdleRule) -> pa.Table:
    """Return the transfers that are a use, with the column ``use``."""
    flow = flow.filter(pc.and_(pc.equal(flow["kind"], "transfer"), pc.greater(flow["amount"], 0)))
    account = tables["bank_account"]
    row = pc.index_in(flow["dst_account"], value_set=account["account_id"])
    kind = account["kind"].take(row)
    use = pc.if_else(pc.is_in(kind, value_set=pa.array(USES)), kind, pa.scalar(None, pa.string()))
    purpose = pc.fill_null(flow["purpose"], "")
    for name in USES:
        words = [w for w in getattr(rule, name) if w]
        says = pc.match_substring_regex(purpose, "|".join(map(re.escape, words)) or "$^")
        own = pc.equal(kind, "current")  # money that comes back from such an account is no use
        here = pc.and_(pc.is_null(use), pc.and_(says, pc.fill_null(own, fill_value=True)))
        use = pc.if_else(pc.and_(here, _from_current(flow, account)), name, use)
    if rule.related:
        here = pc.and_(pc.is_null(use), _related(flow, tables))
        use = pc.if_else(here, "related", use)
    return flow.append_column("use", use).filter(pc.is_valid(use))


def _from_current(flow: pa.Table, account: pa.Table) -> pa.ChunkedArray:
    """Tell which payers' accounts are current ones, or not known."""
    kind = account["kind"].take(pc.index_in(flow["src_account"], value_set=account["account_id"]))
    return pc.fill_null(pc.equal(kind, "current"), fill_value=True)


def _related(flow: pa.Table, tables: Tables) -> pa.ChunkedArray:
    """Tell which transfers stay within one owner or group, red circles apart."""
    account, group = tables["bank_account"], tables["party_group"]
    ends = []
    for end in ("src_account", "dst_account"):
        row = pc.index_in(flow[end], value_set=account["account_id"])
        owner = account["party_id"].take(row)
        joined = group["group_id"].take(pc.index_in(owner, value_set=group["party_id"]))
        ends.append(pc.coalesce(joined, owner))
    red = tables["circle"].filter(pc.equal(tables["circle"]["level"], "red"))["circle_id"]
    legs = tables["circle_leg"].filter(pc.is_in(tables["circle_leg"]["circle_id"], value_set=red))
    round_again = pc.is_in(flow["flow_id"], value_set=legs["flow_id"])
    return pc.and_not(pc.fill_null(pc.equal(*ends), fill_value=False), round_again)


def _count_paid(used: pa.Table, loans: dict[str, _Loan], rule: IdleRule, found: Found) -> None:
    """Count what accounts paid soon after a loan had come in."""
    of: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name, loan in sorted(loans.items(), key=lambda item: (item[1].at, item[0])):
        of[loan.account].append((loan.at, name))
    used = used.filter(pc.is_in(used["src_account"], value_set=pa.array(list(of), pa.string())))
    columns = ("src_account", "use", "amount", "flow_id")
    rows = (*(used[n].to_pylist() for n in columns), used["at"].cast(pa.int64()).to_pylist())
    for account, use, amount, flow, at in zip(*rows, strict=True):
        k = bisect_right(of[account], at, key=lambda pair: pair[0]) - 1
        if k >= 0 and at - of[account][k][0] <= rule.days * DAY:
            found[of[account][k][1], use].add(flow, at, amount, 0)


def _count_traced(
    used: pa.Table, loans: dict[str, _Loan], trail: pa.Table, rule: IdleRule, found: Found
) -> None:
    """Count what of a loan is in transfers of a use, whoever made them."""
    trail = trail.filter(pc.equal(trail["method"], rule.method))
    row = pc.index_in(trail["flow_id"], value_set=used["flow_id"])
    there = pc.is_valid(row)
    trail, use = trail.filter(there), used["use"].take(row.filter(there))
    columns = (trail["loan_id"], use, trail["amount"], trail["flow_id"])
    rows = (*(c.to_pylist() for c in columns), trail["at"].cast(pa.int64()).to_pylist())
    for name, use_, amount, flow, at in zip(*rows, strict=True):
        if name in loans and 0 <= at - loans[name].at <= rule.days * DAY:
            found[name, use_].add(flow, at, 0, amount)


def _count_returned(tables: Tables, loans: dict[str, _Loan], found: Found) -> None:
    """Count the closing legs of red circles that set out right after a loan."""
    circle = tables["circle"]
    legs = tables["circle_leg"].sort_by([("circle_id", "ascending"), ("leg", "ascending")])
    closing = dict(zip(legs["circle_id"].to_pylist(), zip(
        legs["flow_id"].to_pylist(), legs["loan_money"].to_pylist(), strict=True), strict=True,
    ))  # fmt: skip
    red = circle.filter(pc.equal(circle["level"], "red")).sort_by("circle_id")
    names = ("circle_id", "fresh_loan", "last_amount")
    rows = (*(red[n].to_pylist() for n in names), red["last_at"].cast(pa.int64()).to_pylist())
    for circle_id, name, amount, at in zip(*rows, strict=True):
        flow, traced = closing[circle_id]
        if name in loans and flow not in found[name, "round_trip"].flows:
            found[name, "round_trip"].add(flow, at, amount, traced)


def _told(loans: dict[str, _Loan], found: Found, rule: IdleRule) -> Tables:
    """Return the uses of a share large enough, with their reasons."""
    shares = {k: _share(max(u.paid, u.traced), loans[k[0]].amount) for k, u in found.items()}
    keys = [k for k in sorted(found) if found[k].flows and shares[k] >= max(rule.least, 1)]
    uses = [found[k] for k in keys]
    share = np.array([shares[k] for k in keys], np.int64)
    since = np.array([found[k].last - loans[k[0]].at for k in keys], np.int64)
    traced = np.array([_share(found[k].traced, loans[k[0]].amount) for k in keys], np.int64)
    reasons = Reasons(len(keys))
    reasons.add("idle.share", share // 10_000)
    words = pa.array([SAID[use] for _, use in keys], pa.string())
    reasons.add(words, -(-since // DAY))
    reasons.add("idle.traced", traced // 10_000, traced >= 10_000)
    level = (share >= rule.orange).astype(np.int64) + (share >= rule.red)
    return output(
        "idle",
        loan_id=[name for name, _ in keys], use=[use for _, use in keys],
        amount=[max(u.paid, u.traced) for u in uses], loan_money=[u.traced for u in uses],
        share=share, days=since / DAY, flows=[len(u.flows) for u in uses],
        level=LEVELS[level].tolist(), reasons=reasons.column(),
    )  # fmt: skip


def _share(part: int, whole: int) -> int:
    return min(part * PPM // whole, SHARE_MOST)
