"""Entries of a power list, read from rows of table ``power`` and checked one by one."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from liandong.errors import DataError
from liandong.schema.tables.ledger import PERIODS, POWER
from liandong.texts import both
from liandong.types import Money

ANYBODY = "*"
"""A holder that stands for all."""
GROUPS = ("role:", "post:")
"""How the names of roles and posts begin; other holders are persons."""
MAKER = "maker"
"""The conflict of deciding on what one made oneself; other conflicts are steps."""
RELATED = "related"
"""The conflict of deciding on a party, or vendor, to which one has ties."""
SCOPES = ("region", "institution", "product", "department", "industry")
"""Where a power may be bounded; a region holds all that lie in it."""
Row = Mapping[str, Any]
Bounds = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Power:
    """One entry.

    Attributes
    ----------
    holder
        A person, ``role:…``, ``post:…``, or ``*``.
    limit, period_limit, total_limit
        Most fen a case, in a ``period`` of the calendar, and in all; None without a limit.
    scope
        Allowed values by name, see :data:`SCOPES`.
    conditions
        Allowed values, or least and most (whole numbers), of anything else that is known.
    conflicts
        What its holder must not have done on the same subject: steps, :data:`MAKER` or
        :data:`RELATED`.
    evidence
        Kinds of documents that have to be there.
    approvals, approvers
        So many others of a role or post (``*`` for any) have to agree first.
    in_order
        The roles or posts of which one each has to agree, one after the other; empty if it does
        not matter who agrees first.
    never_with
        Actions that nobody may hold together with this one.
    delegate_days
        For how long the holder may hand it on; None if not at all.
    glass_hours
        The entry is for emergencies: it holds for so long after its glass was broken.
    source, delegator
        The entry that was handed on, and by whom.
    """

    power_id: str
    holder: str
    action: str
    basis: str | None = None
    limit: int | None = None
    period: str | None = None
    period_limit: int | None = None
    total_limit: int | None = None
    scope: tuple[tuple[str, tuple[str, ...]], ...] = ()
    conditions: tuple[tuple[str, tuple[Any, ...] | Mapping[str, int]], ...] = ()
    conflicts: frozenset[str] = frozenset()
    evidence: frozenset[str] = frozenset()
    approvals: int = 0
    approvers: str = ANYBODY
    in_order: tuple[str, ...] = ()
    never_with: frozenset[str] = frozenset()
    delegate_days: int | None = None
    glass_hours: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str | None = None
    delegator: str | None = None

    def on(self, day: date) -> bool:
        """Tell whether the entry itself is in force on a day."""
        return in_force(self.valid_from, self.valid_to, day)

    def next_of(self, more: int) -> str:
        """Return the role or post of which somebody has to agree next, if ``more`` still have."""
        return self.in_order[-more] if self.in_order and more else self.approvers

    def _approvals(self) -> dict[str, Any] | None:
        if self.in_order:
            return {"in_order": list(self.in_order)}
        return {"n": self.approvals, "of": self.approvers} if self.approvals else None

    def row(self) -> dict[str, Any]:
        """Return the row of table ``power``."""
        plain = asdict(self)
        del plain["approvers"], plain["in_order"]
        plain["approvals"] = self._approvals()
        for name in ("scope", "conditions"):
            plain[name] = dict(plain[name])
        for name in _LISTS:
            plain[name] = sorted(plain[name])
        return {**plain, **{n: _json(plain[n]) for n in (*_LISTS, *_OBJECTS)}}


_LISTS = ("conflicts", "evidence", "never_with")
_OBJECTS = ("scope", "conditions", "approvals")
_MONEY = ("limit", "period_limit", "total_limit")
_WHOLE = ("delegate_days", "glass_hours")
_DAYS = ("valid_from", "valid_to")
_NAMES = frozenset(f.name for f in fields(Power)) - {"approvers", "in_order"}


def power(row: Row) -> Power:
    """Read an entry: a row of table ``power``, or what a file says.

    Raises
    ------
    DataError
        If it has unknown fields or a field that makes no sense; the message names the entry.
    """
    name = str(row.get("power_id") or "–")
    if unknown := sorted(row.keys() - _NAMES):
        raise wrong(name, "fault.power_unknown", field=", ".join(unknown))
    read: dict[str, Any] = {n: v for n, v in row.items() if v not in (None, "")}
    for field in [n for n in read if n in _READ]:
        try:
            read[field] = _READ[field](read[field])
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise wrong(name, "fault.power_field", field=field, value=str(row[field])) from error
    if missing := [n for n in ("power_id", "holder", "action") if not read.get(n)]:
        raise wrong(name, "fault.power_missing", field=", ".join(missing))
    read |= read.pop("approvals", {})
    return _sound(Power(**read))


def post(row: Row) -> dict[str, Any]:
    """Read who has a role or post, and for how long: a row of table ``post``.

    Raises
    ------
    DataError
        As :func:`power`; ``post_id`` may be left out.
    """
    name = str(row.get("post_id") or f"{row.get('person')}@{row.get('post')}")
    if unknown := sorted(row.keys() - {"post_id", "person", "post", *_DAYS}):
        raise wrong(name, "fault.power_unknown", field=", ".join(unknown))
    if not row.get("person") or not str(row.get("post")).startswith(GROUPS):
        raise wrong(name, "fault.power_field", field="person, post", value=str(dict(row)))
    try:
        days = {n: _day(row[n]) if row.get(n) else None for n in _DAYS}
    except ValueError as error:
        raise wrong(name, "fault.power_field", field=", ".join(_DAYS), value=str(error)) from error
    return {"post_id": name, "person": row["person"], "post": row["post"], **days}


def powers(rows: Iterable[Row]) -> tuple[Power, ...]:
    """Read entries in order of their ids; DataError names the first that is wrong."""
    return tuple(sorted((power(r) for r in rows), key=lambda p: p.power_id))


def wrong(power_id: str, code: str, **about: object) -> DataError:
    """Return the error that says what is wrong with an entry; a ``field`` is named by its label."""
    if (name := about.get("field")) in POWER.names:
        f = POWER.field(str(name))
        about["field"] = {"zh": f"{f.zh}（{name}）", "en": f"{f.en} ({name})"}
    what = both(code, **about)
    return DataError(
        file=both("fault.power", power=power_id), what=what, remedy=both("advice.power")
    )


def in_force(since: date | None, until: date | None, day: date) -> bool:
    """Tell whether a day lies in a span; both ends belong to it and may be open."""
    return (since is None or since <= day) and (until is None or day <= until)


def overlap(a: Power | Row, b: Power | Row) -> bool:
    """Tell whether there is a day on which both are in force."""
    spans = [_span(a), _span(b)]
    return max(s for s, _ in spans) <= min(u for _, u in spans)


def _span(x: Any) -> tuple[date, date]:  # noqa: ANN401 - an entry or a row
    since, until = (
        (x["valid_from"], x["valid_to"]) if isinstance(x, Mapping) else (x.valid_from, x.valid_to)
    )
    return since or date.min, until or date.max


def _sound(p: Power) -> Power:
    faults = {
        "period": (p.period is None) != (p.period_limit is None),
        "valid_to": bool(p.valid_from and p.valid_to and p.valid_to < p.valid_from),
        "never_with": p.action in p.never_with,
        "source": (p.source is None) != (p.delegator is None),
        "glass_hours": p.glass_hours is not None and p.delegate_days is not None,
    }
    for field, bad in faults.items():
        if bad:
            raise wrong(p.power_id, "fault.power_sound", field=field)
    return p


def _json(value: Any) -> str | None:  # noqa: ANN401 - what JSON can hold
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else None


def _plain(value: Any) -> Any:  # noqa: ANN401 - what JSON can hold
    return json.loads(value) if isinstance(value, str) and value[:1] in '[{"' else value


def _names(value: Any) -> frozenset[str]:  # noqa: ANN401 - from a file
    found = _plain(value)
    found = found.split(";") if isinstance(found, str) else found
    if not all(isinstance(n, str) and n for n in found):
        raise ValueError(value)
    return frozenset(found)


def _money(value: object) -> int:
    fen = int(Money.parse(value)) if isinstance(value, str) else _whole(value)
    if fen < 0:
        raise ValueError(value)
    return fen


def _whole(value: object, least: int = 0) -> int:
    if isinstance(value, str):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(value)
    return value


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _of(value: str, allowed: Collection[str]) -> str:
    if value not in allowed:
        raise ValueError(value)
    return value


def _scope(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:  # noqa: ANN401 - from a file
    found = tuple(
        (_of(n, SCOPES), tuple(sorted(_names(v)))) for n, v in sorted(_plain(value).items())
    )
    if not all(values for _, values in found):
        raise ValueError(value)
    return found


def _conditions(value: Any) -> tuple[tuple[str, Any], ...]:  # noqa: ANN401 - from a file
    return tuple((n, _condition(v)) for n, v in sorted(_plain(value).items()))


def _condition(value: Any) -> tuple[Any, ...] | Mapping[str, int]:  # noqa: ANN401 - from a file
    if isinstance(value, Mapping):
        return {_of(n, ("least", "most")): _whole(v, -(2**63)) for n, v in sorted(value.items())}
    found = value if isinstance(value, list | tuple) else [value]
    if not found or not all(isinstance(v, str | int) for v in found):
        raise ValueError(value)
    return tuple(found)


def _approvals(value: Any) -> dict[str, Any]:  # noqa: ANN401 - from a file
    found = dict(_plain(value))
    order = found.pop("in_order", None)
    if order is None:
        n, of = _whole(found.pop("n"), 1), str(found.pop("of", ANYBODY))
        read: dict[str, Any] = {"approvals": n, "approvers": of}
    else:
        read = {"approvals": len(order), "in_order": tuple(map(str, order))}
    groups = read.get("in_order", (read.get("approvers"),))
    if found or not groups or not all(g == ANYBODY or g.startswith(GROUPS) for g in groups):
        raise ValueError(value)
    return read


_READ: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_MONEY, _money),
    **dict.fromkeys(_LISTS, _names),
    **dict.fromkeys(_DAYS, _day),
    **dict.fromkeys(_WHOLE, lambda v: _whole(v, 1)),
    **dict.fromkeys(("power_id", "holder", "action", "source", "delegator", "basis"), str),
    "period": lambda v: _of(v, PERIODS),
    "scope": _scope,
    "conditions": _conditions,
    "approvals": _approvals,
}
