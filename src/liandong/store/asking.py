"""Approvals in the books: cases that one person asks for and another decides."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import sqlalchemy as sa

from liandong.errors import RefusedError
from liandong.govern import approvals
from liandong.step.registry import steps
from liandong.store import authority
from liandong.store.acts import record
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.store.store import Store


def ask(store: "Store", actor: str, action: str, subject: str) -> str:
    """Open a case unless it is there, and return its id.

    Raises
    ------
    RefusedError
        If it was rejected before.
    """
    case = approvals.propose(action, subject, actor, datetime.now(UTC))
    known = store.books.rows("case", case_id=case["case_id"])
    if known and known[0]["state"] == "rejected":
        reason = both("refusal.closed_case", state=known[0]["state"])
        raise RefusedError(actor=actor, action=action, reason=reason)
    if not known:
        with store.books.writing() as c:
            write(store, c, actor, case)
    return str(case["case_id"])


def write(store: "Store", c: sa.Connection, actor: str, case: dict[str, Any]) -> None:
    """Write a case that was asked for or decided inside a transaction, and the act that it is.

    Raises
    ------
    RefusedError
        If the actor may not propose, or not decide, what the case is about.
    """
    verb = "propose" if case["state"] == "open" else "decide"
    action = f"{verb}.{case['action']}"
    if authority.named(c, action):
        about = authority.About(case["subject"], _amount(store, case), maker=case["maker"])
        authority.need(c, actor, action, about)
    if case["state"] == "open":
        word = "propose"
        store.books.append(c, "case", [case])
    else:
        word = case["state"]
        store.set_case(c, case)
    body = {"action": case["action"], "subject": case["subject"]}
    record(c, actor, f"case.{word}", case["case_id"], body)


def _amount(store: "Store", case: dict[str, Any]) -> int | None:
    """Return how many fen an approval is about: those of the rows that its step acts on."""
    step = steps().get(case["action"])
    names = step.approval if step else ()
    ids = [h["snapshot_id"] for n in names for h in store.heads(n)]
    if not names or case["subject"] != approvals.seen(ids):
        return None
    tables = [store.read(n) for n in names]
    return sum(pc.sum(t["amount"]).as_py() or 0 for t in tables if "amount" in t.column_names)
