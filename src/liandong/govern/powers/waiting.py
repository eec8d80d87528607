"""What waits for somebody: agreement to give, glass to review, powers handed on that lapse."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from liandong.govern.powers.deciding import Index
from liandong.govern.powers.entries import Power

LAPSES = timedelta(days=14)
"""So long before its last day, an entry that was handed on is said to lapse."""
ENDS = frozenset({"used", "declined"})
"""What is done to a request so that it waits no more."""
ATTACH = frozenset({"asked", "attached"})
"""What brings documents."""
Row = dict[str, Any]


def merged(texts: Iterable[str]) -> dict[str, str]:
    """Return documents by kind from what acts say, in order: a later one takes the place."""
    found: dict[str, str] = {}
    for text in texts:
        found |= json.loads(text)
    return found


def requests(acts: Iterable[Row], index: Index, me: str) -> list[Row]:
    """Return the requests that still wait, oldest first.

    Parameters
    ----------
    acts
        Rows of ``power_act`` in order.
    me
        Who looks.

    Returns
    -------
    list
        The row of each, with ``documents`` (SHA-256 by kind), ``agreed`` (who did, on these
        documents), ``wants`` (the entries that it would go by, each with how many ``more``, ``of``
        whom the next, have to agree) and ``stands``: why ``me`` cannot agree, which is ``own``,
        ``done``, ``later`` (others come first, or enough have) or ``not_among``; empty if it is
        his turn.
    """
    acts = list(acts)
    ended = {r["ref"] for r in acts if r["kind"] in ENDS}
    waiting = [r for r in acts if r["kind"] == "asked" and r["act"] not in ended]
    agreed: dict[int, list[Row]] = defaultdict(list)
    attached: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for r in acts:
        if r["kind"] == "approved":
            agreed[r["ref"]].append(r)
        elif r["kind"] in ATTACH and r["evidence"]:
            attached[r["action"], r["subject"]].append(r)
    return [
        _request(r, agreed[r["act"]], attached[r["action"], r["subject"]], index, me)
        for r in waiting
    ]


def _request(r: Row, agreed: list[Row], attached: list[Row], index: Index, me: str) -> Row:
    since = max((a["act"] for a in attached), default=0)
    by = [a["actor"] for a in agreed if a["act"] > since]
    wanting = index.wanting(r["actor"], r["action"], r["amount"], by)
    wants = [{"power_id": p.power_id, "more": more, "of": p.next_of(more)} for more, p in wanting]
    stands = "own" if me == r["actor"] else "done" if me in by else ""
    if not stands and not any(more and _turn(me, p, more, index) for more, p in wanting):
        stands = "later" if any(may_agree(me, p, index) for m, p in wanting if m) else "not_among"
    documents = merged(a["evidence"] for a in attached)
    return {**r, "documents": documents, "agreed": by, "wants": wants, "stands": stands}


def may_agree(person: str, p: Power, index: Index) -> bool:
    """Tell whether the agreement of a person counts for an entry, if it is his turn."""
    groups = p.in_order or (p.approvers,)
    return person != p.delegator and any(index.is_in(person, g) for g in groups)


def _turn(person: str, p: Power, more: int, index: Index) -> bool:
    return person != p.delegator and index.is_in(person, p.next_of(more))


def handed_on(index: Index, me: str, today: date) -> list[Row]:
    """Return the entries in force that were handed on by or to somebody, the first to lapse first.

    Each is a row of ``power`` with ``mine`` (he handed it on) and ``lapses`` (it soon does).
    """
    found = [p for p in index.standing() if p.source and me in {p.delegator, p.holder}]
    return [
        {
            **p.row(),
            "mine": p.delegator == me,
            "lapses": p.valid_to is not None and p.valid_to <= today + LAPSES,
        }
        for p in sorted(found, key=lambda p: (p.valid_to or date.max, p.power_id))
    ]
