"""F1 and F2: loan money that comes back, and loan money that does no work, by its lots."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.kernels.money.arriving import first_arrivals, hops
from liandong.watch.signals.facts import DAY, Bool, Facts, Int, Known, Verdict
from liandong.watch.signals.rules import CirculationRule, FundReturnRule

TIES = ("owns", "controls", "directs")
"""Kinds of ties that make parties related: to each other, or to a third one both."""


class Lots(NamedTuple):
    """Lots of one method, loan by loan, each after the one it was taken from.

    ``loan`` is the place of the loan, ``payer``, ``payee`` and ``borrower`` places of parties (-1
    for others), ``at`` microseconds, ``began`` when the loan was paid out, ``use`` the kind of
    account, ``repays`` the borrower of another loan that it repays.
    """

    loan: Int
    parent: Int
    amount: Int
    at: Int
    began: Int
    hops: Int
    payer: Int
    payee: Int
    borrower: Int
    use: pa.ChunkedArray
    repays: Int


def read_lots(facts: Facts, method: str) -> Lots:
    """Return the lots of a method that transfers moved."""
    lot = facts.tables["lot"]
    lot = lot.filter(pc.and_(pc.equal(lot["method"], method), pc.is_valid(lot["at"])))
    lot = lot.sort_by([("loan_id", "ascending"), ("lot_id", "ascending")])
    loan, account = facts.tables["loan"], facts.tables["bank_account"]
    place = _index(lot["loan_id"], loan["loan_id"])
    lot, place = lot.filter(pa.array(place >= 0)), place[place >= 0]
    key = place * 2**32 + lot["lot_id"].to_numpy()
    order = np.argsort(key, kind="stable")
    lot, place, key = lot.take(pa.array(order)), place[order], key[order]
    taken = pc.fill_null(lot["parent"], -1).to_numpy()
    parent = np.where(taken >= 0, np.searchsorted(key, place * 2**32 + taken), -1)
    at = lot["at"].cast(pa.int64()).to_numpy()
    owners = facts.places(account["party_id"])
    payer, payee = (_index(lot[c], account["account_id"]) for c in ("src_account", "dst_account"))
    began = np.full(len(loan), 2**62)
    np.minimum.at(began, place[parent < 0], at[parent < 0])
    return Lots(
        place, parent, lot["amount"].to_numpy(), at, began[place], hops(parent),
        np.append(owners, -1)[payer], np.append(owners, -1)[payee],
        facts.places(loan["party_id"])[place],
        account["kind"].take(pa.array(payee, mask=payee < 0)),
        _repaid(facts, lot, place),
    )  # fmt: skip


def _index(ids: pa.ChunkedArray, among: pa.ChunkedArray) -> Int:
    found = pc.fill_null(pc.index_in(ids, value_set=among), -1)
    return np.asarray(found.to_numpy(), np.int64)


def _repaid(facts: Facts, lot: pa.Table, place: Int) -> Int:
    """Return the borrower of the other loan that each lot repays, -1 for none."""
    flow, loan = facts.tables["flow"], facts.tables["loan"]
    flow = flow.filter(pc.equal(flow["kind"], "repayment"))
    goal = np.append(_index(flow["loan_id"], loan["loan_id"]), -1)
    goal = goal[_index(lot["flow_id"], flow["flow_id"])]
    borrower = np.append(facts.places(loan["party_id"]), -1)
    return np.where(goal != place, borrower[goal], -1)


def fund_return(known: Known, rule: FundReturnRule, lots: Lots) -> Verdict:
    """Judge F1: how much of a loan is soon back with the borrower or with somebody related."""
    soon = (lots.at - lots.began <= rule.days * DAY) & (lots.hops <= rule.hops)
    back = (lots.payee == lots.borrower) & (lots.hops >= 2)
    near = related(known, lots.borrower, lots.payee) & (lots.hops >= 1)
    said = Verdict(known, "F1", rule)
    judged = _by_loan(said, lots, (back | near) & soon, rule.standing_days)
    said.say("watch.fund_return", said.value * 100, judged)
    return said


def circulation(known: Known, rule: CirculationRule, lots: Lots) -> Verdict:
    """Judge F2: how much of a loan soon lies idle, or repays another loan.

    It must be paid in by the borrower or by somebody related: what a supplier saves is his own.
    """
    soon = (lots.at - lots.began <= rule.days * DAY) & (lots.hops >= 1)
    own = (lots.payer == lots.borrower) | related(known, lots.borrower, lots.payer)
    idle = pc.fill_null(pc.is_in(lots.use, value_set=pa.array(rule.uses)), fill_value=False)
    theirs = (lots.repays >= 0) & (
        (lots.repays == lots.borrower) | related(known, lots.borrower, lots.repays)
    )
    said = Verdict(known, "F2", rule)
    judged = _by_loan(said, lots, (idle.to_numpy() | theirs) & own & soon, rule.standing_days)
    said.say("watch.idle_funds", said.value * 100, judged)
    return said


def related(known: Known, one: Int, other: Int) -> Bool:
    """Tell which pairs of different parties are tied, or both tied to a third, on the day."""
    edge = known.facts.tables["edge"]
    edge = edge.filter(pc.is_in(edge["kind"], value_set=pa.array(TIES)))
    begin = edge["valid_from"].cast(pa.int32()).to_numpy()
    end = pc.fill_null(edge["valid_to"].cast(pa.int32()), 2**31 - 1).to_numpy()
    src, dst = known.facts.places(edge["src"]), known.facts.places(edge["dst"])
    held = (begin <= known.number) & (end >= known.number) & (src >= 0) & (dst >= 0)
    pairs = np.unique(np.concatenate(
        [src[held] * known.count + dst[held], dst[held] * known.count + src[held]]
    ))  # fmt: skip
    middle, end_ = np.divmod(pairs, max(known.count, 1))
    first = np.searchsorted(middle, np.arange(known.count + 1))
    size = np.diff(first)[middle]
    # Each of a party's ties with each other of its ties.
    left = np.repeat(end_, size)
    place = np.repeat(first[middle], size) + np.arange(len(left)) - np.repeat(
        np.cumsum(size) - size, size
    )  # fmt: skip
    every = np.union1d(pairs, left * known.count + end_[place])
    different: Bool = (one != other) & (one >= 0) & (other >= 0)
    return different & np.isin(one * known.count + other, every)


def _by_loan(said: Verdict, lots: Lots, hit: Bool, standing_days: int) -> Bool:
    """Grade each borrower by the worst of its loans, and tell who has one."""
    known = said.known
    there = lots.at <= known.end
    ids = [*known.facts.tables["loan"]["loan_id"].to_pylist(), None]
    count = len(ids)  # the last one is no loan, for those who have none
    lent, found = np.zeros((2, count), np.int64)
    root = there & (lots.parent < 0) & (lots.began > known.end - standing_days * DAY)
    np.add.at(lent, lots.loan[root], lots.amount[root])
    arrived = first_arrivals(lots.parent, hit & there)
    np.add.at(found, lots.loan[arrived], lots.amount[arrived])
    borrower = np.full(count, -1)
    borrower[lots.loan] = lots.borrower
    loan = np.flatnonzero((lent > 0) & (borrower >= 0))
    share = found[loan] / lent[loan]
    # The largest share of a borrower comes last, and the last of equals is the latest loan.
    order = np.lexsort((loan, share))
    worst = np.full(known.count, -1)
    worst[borrower[loan][order]] = loan[order]
    judged = worst >= 0
    value = np.divide(found[worst], lent[worst], where=judged, out=np.full(known.count, np.nan))
    said.grade(value, judged)
    names = np.array(ids, dtype=object)[worst]
    said.evidence = {"loan_id": names, "lent": lent[worst], "arrived": found[worst]}
    return judged
