"""What was done with powers, as rows and acts; and what was refused, counted a minute.

A refused act is rolled back with all that it wrote, so its refusal is a transaction of its own. The
first of a minute is in the log at once; those after it, of the same person and action, are a number
that is written when the minute is over. So nobody fills the log by being refused.
"""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from liandong.errors import RefusedError
from liandong.schema.sql import METADATA
from liandong.schema.tables.ledger import POWER_ACTS
from liandong.store.acts import ACT, lock, record

DONE, REFUSAL = METADATA.tables["power_act"], METADATA.tables["refusal"]
KINDS = frozenset(f"power.{kind}" for kind in POWER_ACTS)
"""What is done with powers, as actions of the log."""
SAID = ("power_id", "action", "subject", "amount", "ref", "reason", "times", "evidence")
Row = dict[str, Any]


def note(c: sa.Connection, kind: str, actor: str, **said: Any) -> int:  # noqa: ANN401 - fields
    """Write down something done with a power, and the act that it is; return the act's number.

    Parameters
    ----------
    **said
        Fields of table ``power_act``, see :data:`SAID`; ``evidence`` as a dict.
    """
    body = {n: said.get(n) for n in SAID}
    documents = body["evidence"]
    body["evidence"] = json.dumps(documents, sort_keys=True) if documents else None
    subject = body["power_id"] or body["action"] or str(body["ref"])
    seq = record(c, actor, f"power.{kind}", subject, body)
    at = c.execute(sa.select(ACT.c.at).where(ACT.c.seq == seq)).scalar_one()
    c.execute(sa.insert(DONE), {"act": seq, "at": at, "actor": actor, "kind": kind, **body})
    return seq


def as_logged(row: Row, act: Row) -> bool:
    """Tell whether a row of ``power_act`` is what an act of the log says."""
    body = {n: row[n] for n in SAID}
    found = {**dict.fromkeys(SAID), **json.loads(act["body"])}  # an older act says less
    said = (f"power.{row['kind']}", row["actor"], row["at"], body)
    return said == (act["action"], act["actor"], act["at"], found)


def keep_refusal(c: sa.Connection, error: RefusedError, now: datetime) -> None:
    """Write down a refusal: who, which action, and what of powers was lacking; of whom, never.

    Parameters
    ----------
    error
        With ``lacking``.
    """
    lock(c)
    minute = now.replace(second=0, microsecond=0)
    tell_refusals(c, minute)
    row: Row = {"actor": error.params["actor"], "action": error.params["action"], "minute": minute}
    same = sa.and_(*(REFUSAL.c[n] == v for n, v in row.items()))
    again = sa.update(REFUSAL).where(same).values(times=REFUSAL.c.times + 1)
    if not c.execute(again).rowcount:
        note(c, "denied", row["actor"], action=row["action"], reason=error.lacking, times=1)
        c.execute(sa.insert(REFUSAL), {**row, "lacking": error.lacking, "times": 0})


def tell_refusals(c: sa.Connection, before: datetime | None = None) -> None:
    """Put the numbers of refusals into the log that were only counted: of minutes before one."""
    over = sa.true() if before is None else REFUSAL.c.minute < before
    order = (REFUSAL.c.minute, REFUSAL.c.actor, REFUSAL.c.action)
    for r in c.execute(sa.select(REFUSAL).where(over).order_by(*order)).mappings().all():
        if r["times"]:
            about = {"action": r["action"], "reason": r["lacking"], "times": r["times"]}
            note(c, "denied", r["actor"], **about)
    c.execute(sa.delete(REFUSAL).where(over))
