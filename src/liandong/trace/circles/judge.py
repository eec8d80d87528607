"""What circles are worth looking at: amounts, owners, loans, and a level with its reasons."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.step import Tables, output
from liandong.step.reasons import Reasons
from liandong.trace.circles.rule import CirclesRule
from liandong.types import stable_id

Int = NDArray[np.int64]
Bools = NDArray[np.bool_]
DAY = 86_400_000_000
"""Microseconds."""
PPM = 1_000_000
SHARE_MOST = 2**31 - 1
"""A greater share is given as this one: the last leg may be any multiple of the first."""
HALF = 50
LEVELS = np.array(["yellow", "orange", "red"])


class Known:
    """What is known about accounts, their owners and loans, ready to be looked up.

    Parameters
    ----------
    tables
        With ``bank_account``, ``party_group``, ``loan`` and ``trail``.
    rule
        Which rule of tracing counts.
    """

    def __init__(self, tables: Tables, rule: CirclesRule) -> None:
        account, group = tables["bank_account"], tables["party_group"]
        self.owner = _mapping(account, "account_id", "party_id")
        self.group = _mapping(group, "party_id", "group_id")
        loan = tables["loan"]
        self.lenders = {*loan["lender_id"].to_pylist()}
        lending = account.filter(pc.equal(account["kind"], "loan"))
        self.lending = {*lending["account_id"].to_pylist()}
        self.loans: dict[str, list[tuple[int, str]]] = {}
        started = (loan["start"].cast(pa.int32()).to_pylist(), loan["loan_id"].to_pylist())
        borrower = (loan["account_id"].to_pylist(), loan["party_id"].to_pylist())
        for day, name, paid_into, party in zip(*started, *borrower, strict=True):
            self.loans.setdefault(paid_into or f"party:{party}", []).append((day, name))
        trail = tables["trail"].filter(pc.equal(tables["trail"]["method"], rule.method))
        # In the currency of the legs: what was exchanged before is told in that of its account.
        there = trail.select(["flow_id"]).append_column(
            "there", pc.coalesce(trail["converted"], trail["amount"])
        )
        moved = there.group_by("flow_id", use_threads=False).aggregate([("there", "sum")])
        self.moved = _mapping(moved, "flow_id", "there_sum")

    def together(self, account: str) -> str:
        """Return the group of an account's owner, or the owner, or the account itself."""
        owner = self.owner.get(account)
        return self.group.get(owner, owner) if owner else account

    def lent_from(self, account: str) -> bool:
        """Tell whether an account is a lender's."""
        return account in self.lending or self.owner.get(account) in self.lenders

    def fresh(self, account: str, day: int, days: int) -> tuple[str | None, int]:
        """Return the latest loan paid into an account in the days before, and how many before."""
        loans = self.loans.get(account, []) + self.loans.get(f"party:{self.owner.get(account)}", [])
        latest = max(((d, n) for d, n in loans if day - days <= d <= day), default=None)
        return (latest[1], day - latest[0]) if latest else (None, 0)


def _mapping(data: pa.Table, key: str, value: str) -> dict[str, str]:
    return dict(zip(data[key].to_pylist(), data[value].to_pylist(), strict=True))


class _Legs(NamedTuple):
    """By circle id, legs and share; by leg loan money; by circle its first leg and last row."""

    ids: list[str]
    sizes: Int
    share: Int
    moved: Int
    first: Int
    last: Int


def judged(flow: pa.Table, found: Int, known: Known, rule: CirclesRule) -> Tables:
    """Describe circles and judge them.

    Parameters
    ----------
    flow
        Transfers.
    found
        Shape (circles, most legs): rows of the legs in order of time, -1 behind the last.
    known, rule
        What is known of owners and loans, and from which share on a circle is told.
    """
    count = (found >= 0).sum(axis=1)
    amount = np.append(flow["amount"].to_numpy(), 0)
    last = found[np.arange(len(found)), count - 1]
    share = _shares(amount[last], amount[found[:, 0]])
    told = share >= rule.retained
    found, count, last, share = found[told], count[told], last[told], share[told]
    rows = found[found >= 0]
    legs = flow.take(pa.array(rows))
    moved = np.array([known.moved.get(f, 0) for f in legs["flow_id"].to_pylist()], np.int64)
    first = np.cumsum(count) - count
    ids = _names(legs, first, count)
    return {
        **_circles(flow, found, known, rule, _Legs(ids, count, share, moved, first, last)),
        **_legs(legs, ids, count, moved),
    }


def _shares(part: Int, whole: Int) -> Int:
    """Return parts per million, exactly: products of amounts need more than 64 bits."""
    pairs = zip(part.tolist(), whole.tolist(), strict=True)
    return np.array([min(a * PPM // b, SHARE_MOST) for a, b in pairs], np.int64)


def _names(legs: pa.Table, first: Int, count: Int) -> list[str]:
    """Name circles by the accounts passed and the closing transfer, whatever the rule."""
    src, flow = legs["src_account"].to_pylist(), legs["flow_id"].to_pylist()
    ends = zip(first.tolist(), (first + count).tolist(), strict=True)
    return [stable_id("circle", flow[b - 1], *src[a:b]) for a, b in ends]


def _legs(legs: pa.Table, ids: list[str], count: Int, moved: Int) -> Tables:
    return output(
        "circle_leg",
        circle_id=pa.array(ids, pa.string()).take(pa.array(np.repeat(np.arange(len(ids)), count))),
        leg=np.arange(len(legs)) - np.repeat(np.cumsum(count) - count, count) + 1,
        flow_id=legs["flow_id"], src_account=legs["src_account"],
        dst_account=legs["dst_account"], amount=legs["amount"], loan_money=moved, at=legs["at"],
    )  # fmt: skip


def _circles(flow: pa.Table, found: Int, known: Known, rule: CirclesRule, legs: _Legs) -> Tables:
    begins, ends = flow.take(pa.array(found[:, 0])), flow.take(pa.array(legs.last))
    amount = np.append(flow["amount"].to_numpy(), np.iinfo(np.int64).max)
    at = [t["at"].cast(pa.int64()).to_numpy() for t in (begins, ends)]
    start = begins["src_account"].to_pylist()
    passed = _passed(flow["src_account"].to_pylist(), found)
    fresh = [
        known.fresh(a, day, rule.fresh_days)
        for a, day in zip(start, (at[0] // DAY).tolist(), strict=True)
    ]
    columns = {
        "owners": np.array([len({known.together(a) for a in p}) for p in passed], np.int64),
        "to_lender": np.array([any(map(known.lent_from, p)) for p in passed], bool),
        "first_amount": begins["amount"].to_numpy(),
        "loan_money": legs.moved[legs.first],
        "bottleneck": amount[found].min(axis=1, initial=np.iinfo(np.int64).max),
        "largest": np.where(found >= 0, amount[found], 0).max(axis=1, initial=0),
        "seconds": (at[1] - at[0]) // 1_000_000,
    }
    level, reasons = _verdict(legs, fresh, columns, rule)
    seconds = columns.pop("seconds")
    del columns["largest"]
    return output(
        "circle",
        circle_id=legs.ids, account_id=start, party_id=[known.owner.get(a) for a in start],
        legs=legs.sizes, first_at=begins["at"], last_at=ends["at"],
        hours=seconds / 3_600, last_amount=ends["amount"],
        retained=legs.share, fresh_loan=[name for name, _ in fresh], level=level, reasons=reasons,
        **columns,
    )  # fmt: skip


def _passed(src: list[str], found: Int) -> list[list[str]]:
    return [[src[r] for r in row if r >= 0] for row in found.tolist()]


def _verdict(
    legs: _Legs, fresh: list[tuple[str | None, int]], columns: dict[str, Int], rule: CirclesRule
) -> tuple[list[str], pa.Array]:
    """Say what is seen, and how grave it is: one amount all the way round, right after a loan."""
    count = len(fresh)
    name = pa.array([n for n, _ in fresh], pa.string())
    days = np.array([d for _, d in fresh], np.int64)
    lent = _shares(columns["loan_money"], columns["first_amount"]) // 10_000
    same = legs.sizes - columns["owners"]
    even = _shares(columns["bottleneck"], columns["largest"])
    whole, fresh_loan = even >= rule.whole, name.is_valid().to_numpy(zero_copy_only=False)
    reasons = Reasons(count)
    reasons.add("circles.retained", legs.share // 10_000)
    reasons.add("circles.even", even // 10_000, whole)
    reasons.add("circles.hours", -(-columns["seconds"] // 3_600))
    reasons.add(_with(name, "circles.fresh_loan"), days)
    reasons.add("circles.loan_money", lent, lent > 0)
    reasons.add("circles.same_owner", same + 1, same > 0)
    reasons.add("circles.to_lender", 1, columns["to_lender"].astype(bool))
    signs = fresh_loan | (lent >= HALF) | (same > 0) | columns["to_lender"]
    level = np.where(whole & fresh_loan, 2, np.where(whole & signs, 1, 0))
    return LEVELS[level].tolist(), reasons.column()


def _with(argument: pa.Array, code: str) -> pa.Array:
    """Return the code with each argument, null where there is none."""
    return pc.binary_join_element_wise(f"{code}(", argument, ")", "")
