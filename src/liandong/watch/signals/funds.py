"""F1 and F2: loan money that comes back, and loan money that does no work."""

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.kernels.money.arriving import Moves, Tranches, coming_back, lying_idle
from liandong.watch.signals.calendar import DAY, local_days
from liandong.watch.signals.facts import Bool, Facts, Int, Known, Verdict
from liandong.watch.signals.rules import CirculationRule, FundReturnRule

TIES = ("owns", "controls", "directs")
"""Kinds of ties that make parties related: to each other, or to a third one both."""
ON = ("firm", "person", "coop")
"""Kinds of parties through which money goes on; with a bank or an office it stays."""


class Transfers(NamedTuple):
    """All transfers in order of time, with ``at`` and the loan that each pays out, or -1."""

    moves: Moves
    at: Int
    paid_out: Int


class Followed(NamedTuple):
    """Loans as they were paid out, and what of them arrived where it should not.

    Of a loan: its number ``loan``, the borrower ``to``, ``lent`` and when it was ``paid`` out. Of
    what arrived: the number of the loan ``of``, ``at`` and ``amount``.
    """

    loan: Int
    to: Int
    lent: Int
    paid: Int
    of: Int
    at: Int
    amount: Int


def read_transfers(facts: Facts, uses: tuple[str, ...]) -> Transfers:
    """Return the transfers between parties; ``uses`` are kinds of accounts where money is idle."""
    order = [(n, "ascending") for n in ("at", "seq", "flow_id")]
    flow, account = facts.tables["flow"].sort_by(order), facts.tables["bank_account"]
    src, dst = (_index(flow[c], account["account_id"]) for c in ("src_account", "dst_account"))
    owner = np.append(facts.places(account["party_id"]), -1)
    idle = np.append(
        pc.is_in(account["kind"], value_set=pa.array(uses, pa.string())).to_numpy(), False
    )
    loan = _index(flow["loan_id"], facts.tables["loan"]["loan_id"])
    repaid, out = (pc.equal(flow["kind"], k).to_numpy() for k in ("repayment", "disbursement"))
    return Transfers(
        Moves(owner[src], owner[dst], flow["amount"].to_numpy().copy(),
              np.where(repaid, loan, -1), idle[dst]),
        flow["at"].cast(pa.int64()).to_numpy(),
        np.where(out & (owner[dst] >= 0), loan, -1),
    )  # fmt: skip


def _index(ids: pa.ChunkedArray, among: pa.ChunkedArray) -> Int:
    found = pc.fill_null(pc.index_in(ids, value_set=among), -1)
    return np.asarray(found.to_numpy(), np.int64)


def tranches(facts: Facts, transfers: Transfers, days: int) -> Tranches:
    """Return the loans as they were paid out, with who was related to the borrower that day."""
    row = np.flatnonzero(transfers.paid_out >= 0)
    to = transfers.moves.dst[row]
    end = np.searchsorted(transfers.at, transfers.at[row] + days * DAY, "right")
    tied, day = Ties(facts), local_days(transfers.at[row], facts.zone)
    near = [tied.near(p, d) for p, d in zip(to.tolist(), day.tolist(), strict=True)]
    first = np.append(0, np.cumsum([len(n) for n in near], dtype=np.int64))
    flat = np.array([p for n in near for p in n], np.int64)
    amount = transfers.moves.amount[row]
    return Tranches(transfers.paid_out[row], to, amount, row + 1, end, first, flat)


class Ties:
    """Who owns, controls or directs whom, and when."""

    def __init__(self, facts: Facts) -> None:
        edge = facts.tables["edge"]
        edge = edge.filter(pc.is_in(edge["kind"], value_set=pa.array(TIES)))
        begin = edge["valid_from"].cast(pa.int32()).to_pylist()
        end = pc.fill_null(edge["valid_to"].cast(pa.int32()), 2**31 - 1).to_pylist()
        src, dst = (facts.places(edge[c]).tolist() for c in ("src", "dst"))
        self._ties: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for a, b, since, until in zip(src, dst, begin, end, strict=True):
            if a >= 0 and b >= 0:
                self._ties[a].append((b, since, until))
                self._ties[b].append((a, since, until))

    def near(self, party: int, day: int) -> list[int]:
        """Return a party with those tied to it on a day, or to one that is, in order."""
        found = {party}
        for _ in range(2):
            found |= {
                other
                for p in found
                for other, since, until in self._ties.get(p, ())
                if since <= day <= until
            }
        return sorted(found)


def returned(facts: Facts, transfers: Transfers, rule: FundReturnRule) -> Followed:
    """Follow all loans to the borrower or to those related to him."""
    lent = tranches(facts, transfers, rule.days)
    stops = ~np.asarray(pc.is_in(facts.party["kind"], value_set=pa.array(ON)).to_numpy())
    return _followed(
        lambda out: coming_back(transfers.moves, lent, stops, rule.hops, out), lent, transfers
    )


def circulated(facts: Facts, transfers: Transfers, rule: CirculationRule) -> Followed:
    """Follow all loans to where money does no work."""
    lent = tranches(facts, transfers, rule.days)
    return _followed(lambda out: lying_idle(transfers.moves, lent, out), lent, transfers)


def _followed(find: Callable[[Int], int], lent: Tranches, transfers: Transfers) -> Followed:
    """Count what arrives first, then fill the rows."""
    rows = np.zeros((find(np.zeros((0, 3), np.int64)), 3), np.int64)
    find(rows)
    tranche, move, amount = rows.T
    paid = transfers.at[lent.begin - 1]
    return Followed(
        lent.loan, lent.to, lent.amount, paid, lent.loan[tranche], transfers.at[move], amount
    )


def fund_return(known: Known, rule: FundReturnRule, found: Followed) -> Verdict:
    """Judge F1: how much of a loan is soon back with the borrower or with somebody related."""
    said = Verdict(known, "F1", rule)
    judged = _by_loan(said, found, rule.standing_days)
    said.say("watch.fund_return", said.value * 100, judged)
    return said


def circulation(known: Known, rule: CirculationRule, found: Followed) -> Verdict:
    """Judge F2: how much of a loan soon lies idle, or repays another loan."""
    said = Verdict(known, "F2", rule)
    judged = _by_loan(said, found, rule.standing_days)
    said.say("watch.idle_funds", said.value * 100, judged)
    return said


def _by_loan(said: Verdict, found: Followed, standing_days: int) -> Bool:
    """Grade each borrower by the worst of its loans, and tell who has one."""
    known = said.known
    ids = [*known.facts.tables["loan"]["loan_id"].to_pylist(), None]
    count = len(ids)  # the last one is no loan, for those who have none
    lent, arrived = np.zeros((2, count), np.int64)
    open_ = (found.paid <= known.end) & (found.paid > known.end - standing_days * DAY)
    np.add.at(lent, found.loan[open_], found.lent[open_])
    there = found.at <= known.end
    np.add.at(arrived, found.of[there], found.amount[there])
    borrower = np.full(count, -1)
    borrower[found.loan] = found.to
    loan = np.flatnonzero(lent > 0)
    # The largest share of a borrower comes last, and the last of equals is the latest loan.
    order = np.lexsort((loan, arrived[loan] / lent[loan]))
    worst = np.full(known.count, -1)
    worst[borrower[loan][order]] = loan[order]
    judged: Bool = worst >= 0
    value = np.divide(arrived[worst], lent[worst], where=judged, out=np.full(known.count, np.nan))
    said.grade(value, judged)
    names = np.array(ids, dtype=object)[worst]
    said.evidence = {"loan_id": names, "lent": lent[worst], "arrived": arrived[worst]}
    return judged
