"""Approvals in the books: cases that one person asks for and another decides."""

import tomllib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from liandong.errors import RefusedError
from liandong.govern import approvals, versions
from liandong.step.registry import steps
from liandong.store import authority
from liandong.store.acts import record
from liandong.store.related import related
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.store.store import Store


def ask(store: "Store", actor: str, action: str, subject: str) -> str:
    """Open a case unless it is there, and return its id; one that was taken back is opened again.

    Raises
    ------
    RefusedError
        If it was rejected before.
    """
    case = approvals.propose(action, subject, actor, datetime.now(UTC))
    known = store.books.rows("case", case_id=case["case_id"])
    state = known[0]["state"] if known else "withdrawn"
    if state == "rejected":
        reason = both("refusal.closed_case", state=state)
        raise RefusedError(actor=actor, action=action, reason=reason)
    if state == "withdrawn":
        with store.books.writing() as c:
            write(store, c, actor, case)
    return str(case["case_id"])


def write(store: "Store", c: sa.Connection, actor: str, case: dict[str, Any]) -> None:
    """Write a case, as it was asked for, taken back or decided, in a transaction, and its act.

    Raises
    ------
    RefusedError
        If the actor may not propose, or not decide, what the case is about.
    """
    verb = {"open": "propose", "withdrawn": "withdraw"}.get(case["state"], "decide")
    action = f"{verb}.{case['action']}"
    if authority.named(c, action):
        tables = _rows(store, case["action"], case["subject"])
        about = authority.About(
            case["subject"], _sum(tables), maker=case["maker"],
            related=related(store, _parties(tables)),
        )  # fmt: skip
        authority.need(c, actor, action, about)
    word = "propose" if case["state"] == "open" else case["state"]
    if not store.set_case(c, case):
        store.books.append(c, "case", [case])
    body = {"action": case["action"], "subject": case["subject"]}
    record(c, actor, f"case.{word}", case["case_id"], body)


def amount(store: "Store", action: str, subject: str | None = None) -> int | None:
    """Return how many fen an approval is about; None if it is about no rows of the board now.

    Parameters
    ----------
    subject
        What the case is about; without it, what it would be about now.
    """
    return _sum(_rows(store, action, subject))


def signed(store: "Store") -> list[dict[str, Any]]:
    """Return the agreements that somebody has approved, each with its ``rule`` and ``version``."""
    rows = store.read(versions.AGREEMENT.table).to_pylist()
    cases = store.books.rows("case", action=versions.AGREEMENT.action)
    found = []
    for name in sorted({r["agreement"] for r in rows}):
        mine = [r for r in rows if r["agreement"] == name]
        used = versions.in_use(versions.standing(mine, cases, versions.AGREEMENT))
        if used is not None:
            plain = tomllib.loads(store.books.rows("rule", rule_id=used["rule"])[0]["toml"])
            about = {"rule": used["rule"], "version": used["number"]}
            found += [{**one, **about} for one in plain["agreements"]]
    return found


def _rows(store: "Store", action: str, subject: str | None) -> list[pa.Table]:
    """Return the tables that an approval is about: those that its step acts on."""
    step = steps().get(action)
    names = step.approval if step else ()
    ids = [h["snapshot_id"] for n in names for h in store.heads(n)]
    if not names or subject not in {None, approvals.seen(ids)}:
        return []
    return [store.read(n) for n in names]


def _sum(tables: list[pa.Table]) -> int | None:
    """Return how many fen rows are about; None without tables.

    The first table with amounts says it: those after it, such as who contributes to an offer, say
    how the same money is made up.
    """
    amounts = (pc.sum(t["amount"]).as_py() or 0 for t in tables if "amount" in t.column_names)
    return next(amounts, 0) if tables else None


def _parties(tables: list[pa.Table]) -> list[str]:
    columns = [t["party_id"] for t in tables if "party_id" in t.column_names]
    return sorted({p for c in columns for p in c.to_pylist() if p is not None})
