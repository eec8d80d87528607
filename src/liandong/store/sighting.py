"""How much of a board somebody sees, as the list of powers and the log of acts say."""

import json
from datetime import UTC, date, datetime, timedelta
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from liandong.caller import READ, Rows, Sight
from liandong.errors import RefusedError, UsageError
from liandong.govern.powers.deciding import prefix
from liandong.govern.powers.entries import Power
from liandong.store.acts import ACT, record
from liandong.store.authority import About, Listed, named, need
from liandong.store.store import Store
from liandong.texts import both
from liandong.types import today

PERSONAL = "personal.read"
"""What it takes to see personal data."""
UNMASK, MASK = "personal.unmask", "personal.mask"
"""Acts: somebody has begun, and ended, to see personal data for a purpose."""
LASTS = timedelta(hours=1)
"""For so long a purpose holds."""
_Known = tuple[tuple[int, date], dict[str, tuple[Sight, bool]]]
_known: WeakKeyDictionary[Store, _Known] = WeakKeyDictionary()


def sight_of(store: Store, actor: str, *, login: bool = False) -> Sight:
    """Return how much somebody sees now; quick, so that it can be asked with each request.

    Where the list of powers names nobody for ``board.read``, everybody sees all rows. Otherwise
    its entries say which ones, by the scopes ``region`` and ``institution``; an entry with other
    bounds shows nothing. Personal data are masked if the list names anybody for ``personal.read``,
    or ``login`` says that people log in; but not to who has named a purpose within the hour.

    Returns
    -------
    Sight
        Without rows for who may not read the board.
    """
    now = store.state(), today()
    at, known = _known.get(store, (None, {}))
    if at != now:
        known = {}
        _known[store] = now, known
    if actor not in known:
        with store.books.engine.begin() as c:
            known[actor] = _sight(c, actor), named(c, PERSONAL)
    sight, guarded = known[actor]
    if sight.until is not None and datetime.now(UTC) < sight.until:
        return sight
    return Sight(sight.rows, masked=guarded or login)


def unmask(store: Store, actor: str, purpose: str) -> datetime:
    """Let somebody who may see personal data do so for a purpose; return until when.

    Raises
    ------
    UsageError
        If he does not say what for.
    RefusedError
        If the list of powers does not give him ``personal.read``: nobody has it by default.
    """
    purpose = purpose.strip()
    if not purpose:
        raise UsageError(what=both("fault.no_purpose"), remedy=both("advice.purpose"))
    until = datetime.now(UTC).replace(microsecond=0) + LASTS
    with store.books.writing() as c:
        if not named(c, PERSONAL):
            raise RefusedError(actor=actor, action=PERSONAL, reason=both("refusal.nobody_named"))
        need(c, actor, PERSONAL, About(purpose))
        record(c, actor, UNMASK, actor, {"purpose": purpose, "until": until.isoformat()})
    return until


def mask(store: Store, actor: str) -> None:
    """End what :func:`unmask` began."""
    with store.books.writing() as c:
        record(c, actor, MASK, actor, {})


def _sight(c: sa.Connection, actor: str) -> Sight:
    """Return what somebody sees, unmasked until the purpose that he named last ends."""
    index = Listed.of(c, datetime.now(UTC)).index
    purpose, until = _purpose(c, actor) if index.held(actor, PERSONAL) else ("", None)
    rows = _rows(index.held(actor, READ)) if named(c, READ) else None
    return Sight(rows, purpose=purpose, until=until)


def _rows(entries: tuple[Power, ...]) -> Rows | None:
    plain = [dict(p.scope) for p in entries if _shows(p)]
    if any(not scope for scope in plain):
        return None
    return tuple(sorted(
        (tuple(prefix(r) for r in s.get("region", ())), tuple(s.get("institution", ())))
        for s in plain
    ))  # fmt: skip


def _shows(p: Power) -> bool:
    others = {n for n, _ in p.scope} - {"region", "institution"}
    return not (others or p.conditions or p.approvals or p.evidence or p.conflicts)


def _purpose(c: sa.Connection, actor: str) -> tuple[str, datetime | None]:
    """Return what somebody has last said that he sees personal data for, and until when."""
    mine = (ACT.c.actor == actor) & ACT.c.action.in_((UNMASK, MASK))
    query = sa.select(ACT.c.action, ACT.c.body).where(mine).order_by(ACT.c.seq.desc()).limit(1)
    row = c.execute(query).first()
    if row is None or row.action == MASK:
        return "", None
    said = json.loads(row.body)
    return said["purpose"], datetime.fromisoformat(said["until"])
