"""Four eyes: who made a thing never approves it. Pure functions on rows of table ``case``."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from liandong.errors import RefusedError
from liandong.texts import both
from liandong.types import stable_id

Row = dict[str, Any]
"""One row of table ``case`` by column name."""


def seen(snapshots: Iterable[str]) -> str:
    """Return the subject of an approval of what some snapshots hold."""
    return hashlib.sha256("|".join(snapshots).encode()).hexdigest()[:20]


def propose(action: str, subject: str, maker: str, at: datetime) -> Row:
    """Open a case: ``maker`` asks that ``action`` be allowed on ``subject``.

    The id is a hash of the three, so that asking twice is asking once.
    """
    return {
        "case_id": stable_id("case", action, subject, maker),
        "action": action, "subject": subject, "maker": maker, "checker": None,
        "state": "open", "opened_at": at, "closed_at": None,
    }  # fmt: skip


def decide(case: Mapping[str, Any], checker: str, *, approve: bool, at: datetime) -> Row:
    """Close an open case and return its new row; the given one is left as it was.

    Raises
    ------
    RefusedError
        If the checker made the case, or it is closed already.
    """
    if case["state"] != "open":
        raise _refused(case, checker, "refusal.closed_case")
    if checker == case["maker"]:
        raise _refused(case, checker, "refusal.own_case")
    state = "approved" if approve else "rejected"
    return {**case, "checker": checker, "state": state, "closed_at": at}


def withdraw(case: Mapping[str, Any], maker: str, at: datetime) -> Row:
    """Take back an open case and return its new row; the given one is left as it was.

    Raises
    ------
    RefusedError
        If somebody else made the case, or it is closed already.
    """
    if case["state"] != "open":
        raise _refused(case, maker, "refusal.closed_case")
    if maker != case["maker"]:
        raise _refused(case, maker, "refusal.other_case")
    return {**case, "state": "withdrawn", "closed_at": at}


def approved(cases: Iterable[Mapping[str, Any]], action: str, subject: str) -> Row | None:
    """Return the case, first by id, in which a second person approved this; None without one."""
    found = [
        dict(c)
        for c in cases
        if (c["action"], c["subject"], c["state"]) == (action, subject, "approved")
        # Rows may come from elsewhere: an approval by the maker counts for nothing.
        and c["checker"] not in {None, c["maker"]}
    ]
    return min(found, key=lambda c: str(c["case_id"]), default=None)


def _refused(case: Mapping[str, Any], actor: str, code: str) -> RefusedError:
    return RefusedError(
        actor=actor,
        action=case["action"],
        reason=both(code, state=case["state"]),
    )
