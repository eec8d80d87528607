"""Shares, and what came in to be shared, as entries of a ledger."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from liandong.settle.agreements.nodes import Clause, Subsidy
from liandong.settle.agreements.periods import days_of
from liandong.settle.agreements.posting import Posting, Target, posted
from liandong.settle.ledger import account_id
from liandong.types import CURRENCY_PLACES, stable_id

Row = dict[str, Any]


def shared(row: Row, clause: Clause | None) -> Iterator[Row]:
    """Yield the entry of a row of ``share``: from the account of the agreement to the party."""
    if clause is None:
        return
    key = tuple(row[n] for n in ("agreement", "clause", "party_id", "period"))
    amount = _class(clause)[1] * row["amount"]
    yield from _entry(
        clause, row["agreement"], row["party_id"], row["period"], amount,
        stable_id("share", *key), row["clause"],
    )  # fmt: skip


def came_in(
    clause: Clause,
    agreement: str,
    amounts: list[Row],
    shares: list[Row],
    booked: list[Row],
    closed: set[str],
) -> Iterator[Row]:
    """Yield entries of what a clause shares out: from where it arose to the agreement's account.

    Amounts are cumulated and posted as shares are: closed periods stay as they were, and the next
    one makes up for corrections. So in every period what came in adds up to the shares.

    Parameters
    ----------
    amounts
        Rows of ``base_amount``.
    shares
        Rows of ``share`` of this agreement.
    booked
        Rows of ``share_entry`` from before.
    closed
        Periods that had been shared before.
    """
    if isinstance(clause, Subsidy):
        return
    periods = sorted({r["period"] for r in shares if r["clause"] == clause.name}, key=days_of)
    days = {days_of(p).last: p for p in closed}
    mine = [e for e in booked if e["agreement"] == agreement and e["event_time"] in days]
    for base in clause.bases:
        ref = f"{clause.name}{_OF}{base}"
        before = [e for e in mine if e["ref"] == ref]
        yield from before
        history = _history(clause, agreement, before, days)
        own = [r for r in amounts if r["base"] == base]
        sources = sorted({r["party_id"] for r in own} | {p.party for p in history})
        history += [Posting(base, s, period, 0, ()) for s in sources for period in closed]
        targets = _cumulated(own, sources, periods)
        for p in posted(base, sources, targets, history):
            key = stable_id("base", agreement, ref, p.party, p.period)
            amount = -_class(clause)[1] * p.amount
            yield from _entry(clause, agreement, p.party, p.period, amount, key, ref)


def clause_of(entry: Row) -> str:
    """Return the clause that an entry is about."""
    return str(entry["ref"]).partition(_OF)[0]


_OF = "/"
"""Between clause and base, in what an entry refers to."""


def _cumulated(own: list[Row], sources: list[str], periods: list[str]) -> Iterator[Target]:
    total = dict.fromkeys(sources, 0)
    for period in periods:
        for r in own:
            total[r["party_id"]] += r["amount"] if r["period"] == period else 0
        yield Target(period, tuple(total[s] for s in sources), {})


def _history(
    clause: Clause, agreement: str, before: list[Row], days: dict[date, str]
) -> list[Posting]:
    """Return what entries said came in, by source and period."""
    code, sign = _class(clause)
    pool = account_id(code, agreement, clause.unit.name)
    found = []
    for e in before:
        inward = e["credit"] == pool
        party = e["debit" if inward else "credit"].removeprefix(f"{code}:")
        party = party.removesuffix(f":{clause.unit.name}")
        amount = sign * e["amount"] * (1 if inward else -1)
        base = str(e["ref"]).partition(_OF)[2]
        found.append(Posting(base, party, days[e["event_time"]], amount, ()))
    return found


def _entry(
    clause: Clause, agreement: str, party_id: str, period: str, amount: int, entry_id: str, ref: str
) -> Iterator[Row]:
    """Yield the entry of an amount that goes from the agreement to a party, or back below 0."""
    if amount == 0:
        return
    code, unit = _class(clause)[0], clause.unit.name
    pool, party = (account_id(code, owner, unit) for owner in (agreement, party_id))
    yield {
        "entry_id": entry_id, "amount": abs(amount), "unit": unit,
        "debit": pool if amount > 0 else party, "credit": party if amount > 0 else pool,
        "phase": "posted", "event_time": days_of(period).last, "agreement": agreement, "ref": ref,
    }  # fmt: skip


def _class(clause: Clause) -> tuple[str, int]:
    """Return the class of accounts, and whether a share is credited to its party."""
    if isinstance(clause, Subsidy):
        return "subsidy", 1
    if clause.unit.name not in CURRENCY_PLACES:
        return "memo", 1
    return ("loss", -1) if clause.kind == "losses" else ("income", 1)
