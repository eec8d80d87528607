"""The act log as rows: append-only, numbered without gaps, each leaf hashed."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from liandong.errors import LiandongError
from liandong.govern.log import act_body, leaf, root
from liandong.schema.sql import METADATA
from liandong.texts import both

ACT = METADATA.tables["act"]


def record(c: sa.Connection, actor: str, action: str, subject: str, body: dict[str, Any]) -> int:
    """Append an act inside the caller's transaction and return its sequence number."""
    if c.dialect.name == "postgresql":
        c.execute(sa.text("LOCK TABLE act IN EXCLUSIVE MODE"))  # numbers without gaps or races
    seq = last(c) + 1
    at = datetime.now(UTC)
    row = {"seq": seq, "at": at, "actor": actor, "action": action, "subject": subject}
    hashed = leaf(act_body(seq, at, actor, action, subject, body))
    c.execute(
        sa.insert(ACT),
        {**row, "body": json.dumps(body, ensure_ascii=False, sort_keys=True), "leaf": hashed},
    )
    return seq


def last(c: sa.Connection) -> int:
    """Return the number of the last act, 0 if there is none."""
    return int(c.execute(sa.select(sa.func.max(ACT.c.seq))).scalar() or 0)


def faults(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return what is wrong with the log: gaps in the numbers, bodies that do not match a leaf."""
    found = []
    for i, r in enumerate(rows, start=1):
        if r["seq"] != i:
            found.append(both("fault.act_number", seq=r["seq"], i=i))
            break
        if _leaf_of(r) != r["leaf"]:
            found.append(both("fault.act_leaf", seq=r["seq"]))
    return found


def _leaf_of(r: dict[str, Any]) -> str | None:
    """Return the leaf hash that a row should have; None if its text cannot even be read."""
    try:
        body = json.loads(r["body"])
        return leaf(act_body(r["seq"], r["at"], r["actor"], r["action"], r["subject"], body))
    except (ValueError, LiandongError):
        return None


def head(rows: list[dict[str, Any]]) -> str:
    """Return the RFC 6962 tree head over the leaves."""
    return root([r["leaf"] for r in rows])
