"""Asking for an approval: a case that somebody else decides."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from liandong.errors import RefusedError
from liandong.govern import approvals
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
        body = {"action": case["action"], "subject": case["subject"]}
        with store.books.writing() as c:
            store.books.append(c, "case", [case])
            record(c, actor, "case.propose", case["case_id"], body)
    return str(case["case_id"])
