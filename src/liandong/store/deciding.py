"""Who has decided on a firm: by booking money on its accounts, or by approving that."""

import json
from collections.abc import Mapping

import sqlalchemy as sa

from liandong.govern import approvals
from liandong.schema.sql import METADATA
from liandong.step.registry import step


def decided(c: sa.Connection, who: str, party_id: str) -> set[str]:
    """Return the steps in which a person booked money on a firm's accounts, or approved it."""
    account, entry, run = (METADATA.tables[n] for n in ("account", "entry", "run"))
    touched = account.c.account_id.in_([entry.c.debit, entry.c.credit])
    made = (
        sa.select(run)
        .distinct()
        .join(entry, entry.c.run_id == run.c.run_id)
        .join(account, touched)
        .where(account.c.owner_id == party_id)
    )
    found = set()
    for r in c.execute(made).mappings():
        if who == r["actor"] or who in _approvers(c, r["step"], json.loads(r["inputs"])):
            found.add(r["step"])
    return found


def _approvers(c: sa.Connection, name: str, inputs: Mapping[str, list[str]]) -> set[str]:
    """Return who proposed and who approved what a run acted on."""
    snapshots = [i for n in step(name).approval for i in inputs.get(n, ())]
    if not snapshots:
        return set()
    case = METADATA.tables["case"]
    query = sa.select(case.c.maker, case.c.checker).where(
        case.c.action == name,
        case.c.subject == approvals.seen(snapshots),
        case.c.state == "approved",
    )
    return {person for r in c.execute(query) for person in r if person}
