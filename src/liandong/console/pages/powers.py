"""The power list for all to see: who may decide what, how far, and what waits for somebody."""

from typing import Any

from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.govern.powers.entries import Power

BOUNDS = ("limit", "period_limit", "total_limit", "scope", "conditions", "conflicts", "evidence",
          "approvals", "never_with", "delegate_days", "glass_hours")  # fmt: skip
USES = 50
"""Uses of powers, and refusals, that are shown."""
_ACTS = "SELECT * FROM power_act WHERE kind = ? ORDER BY act DESC LIMIT ?"


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the entries by action, who holds them today, what waits, and what was used last."""
    listed = reading.board.powers.listed()
    action = query.text("action")  # also one for which nobody is named
    standing = {p.power_id for p in listed.index.standing()}
    found = [p for p in listed.entries if action in {"", p.action}]
    rows = [
        {
            **bounded(p),
            "people": listed.index.members(p.holder),
            "standing": p.power_id in standing,
        }
        for p in sorted(found, key=lambda p: (p.action, p.power_id))
    ]
    inbox = reading.board.powers.inbox()
    return {
        "rows": rows,
        "actions": sorted({p.action for p in listed.entries}),
        "action": action,
        "posts": listed.posts,
        "uses": reading.rows(_ACTS, "used", USES),
        "denied": reading.rows(_ACTS, "denied", USES),
        **inbox,
        "unfinished": True,  # what is in force changes with the day, although nothing is written
        "sources": {},
    }


def bounded(p: Power) -> Row:
    """Return an entry with its bounds: each the name of a field and what it says."""
    said = {
        "scope": [f"{n}: {', '.join(v)}" for n, v in p.scope],
        "conditions": [f"{n}: {_condition(v)}" for n, v in p.conditions],
        "approvals": " → ".join(p.in_order)
        or (f"{p.approvals} × {p.approvers}" if p.approvals else None),
        **{n: sorted(getattr(p, n)) for n in ("conflicts", "evidence", "never_with")},
    }
    bounds = {n: said.get(n, getattr(p, n)) for n in BOUNDS}
    about = ("power_id", "action", "holder", "basis", "period", "valid_from", "valid_to",
             "source", "delegator")  # fmt: skip
    return {
        **{n: getattr(p, n) for n in about},
        "bounds": {
            n: "; ".join(v) if isinstance(v, list) else v
            for n, v in bounds.items()
            if v not in (None, [])
        },
    }


def _condition(wanted: Any) -> str:  # noqa: ANN401 - as an entry holds it
    if isinstance(wanted, tuple):
        return ", ".join(map(str, wanted))
    return " ".join(f"{'≥' if n == 'least' else '≤'} {v}" for n, v in wanted.items())
