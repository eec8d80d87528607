"""Handing a power on: never wider than it is, never onward, and no longer than its source."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from liandong.govern.powers.entries import ANYBODY, GROUPS, Power, Row, overlap, wrong
from liandong.types import stable_id


def delegated(
    source: Power, delegator: str, holder: str, since: date, until: date, **narrower: object
) -> Power:
    """Return the entry by which ``delegator`` hands ``source`` on; see :func:`need_narrower`.

    Parameters
    ----------
    since, until
        First and last day.
    **narrower
        Fields of the entry that are narrower than those of its source.
    """
    own = stable_id("power", source.power_id, delegator, holder, since, until, sorted(narrower))
    made: dict[str, Any] = {
        "power_id": f"{source.power_id}-{own[:8]}", "holder": holder, "delegator": delegator,
        "source": source.power_id, "valid_from": since, "valid_to": until, "delegate_days": None,
        **narrower,
    }  # fmt: skip
    return replace(source, **made)


def need_narrower(p: Power, source: Power | None) -> None:
    """Refuse an entry that was handed on and is wider than its source.

    Raises
    ------
    DataError
        Naming the entry and the field in which it is wider.
    """
    if source is None:
        raise wrong(p.power_id, "fault.power_source", source=p.source)
    for field, bad in _wider(p, source).items():
        if bad:
            raise wrong(p.power_id, "fault.power_wider", field=field, source=source.power_id)


def _wider(p: Power, s: Power) -> dict[str, bool]:
    """Return for each field whether an entry goes beyond its source there."""
    days, since, until = s.delegate_days, p.valid_from, p.valid_to
    beyond = days is None or since is None or until is None
    return {
        "action": p.action != s.action,
        "source": s.source is not None,
        "delegate_days": p.delegate_days is not None or days is None,
        "holder": p.holder in {p.delegator, ANYBODY} or p.holder.startswith(GROUPS),
        "limit": _above(p.limit, s.limit),
        "period_limit": _above(p.period_limit, s.period_limit)
        or (s.period is not None and p.period != s.period),
        "total_limit": _above(p.total_limit, s.total_limit),
        "scope": _looser(dict(p.scope), dict(s.scope)),
        "conditions": any(dict(p.conditions).get(n) != v for n, v in s.conditions),
        "conflicts": not p.conflicts >= s.conflicts,
        "evidence": not p.evidence >= s.evidence,
        "approvals": p.approvals < s.approvals
        or (s.approvals > 0 and s.approvers not in {ANYBODY, p.approvers})
        or (s.in_order not in {(), p.in_order}),
        "never_with": not p.never_with >= s.never_with,
        "glass_hours": p.glass_hours != s.glass_hours,
        "valid_from": since is None or bool(s.valid_from and since < s.valid_from),
        "valid_to": beyond
        or bool(s.valid_to and until and until > s.valid_to)
        or bool(since and until and days and until > since + timedelta(days - 1)),
    }


def _above(own: int | None, most: int | None) -> bool:
    return most is not None and (own is None or own > most)


def _looser(own: Mapping[str, tuple[str, ...]], wide: Mapping[str, tuple[str, ...]]) -> bool:
    return any(n not in own or not set(own[n]) <= set(values) for n, values in wide.items())


def standing(
    p: Power, entries: Mapping[str, Power], groups: Mapping[str, set[str]], day: date
) -> bool:
    """Tell whether what was handed on still stands: its source does, and the delegator holds it."""
    if p.source is None:
        return True
    source = entries.get(p.source)
    if source is None or not source.on(day):
        return False
    return source.holder in {p.delegator, ANYBODY, *groups.get(p.delegator or "", ())}


def need_sound(entries: Iterable[Power], posts: Iterable[Row]) -> None:
    """Hold a whole list together: what was handed on, and what nobody may hold together.

    Raises
    ------
    DataError
        Naming the first entry that cannot stand.
    """
    by_id = {p.power_id: p for p in entries}
    for p in by_id.values():
        if p.source is not None:
            need_narrower(p, by_id.get(p.source))
    for person, held in _held(by_id.values(), list(posts)):
        for a, b in combinations(held, 2):
            if (b.action in a.never_with or a.action in b.never_with) and overlap(a, b):
                both_ = f"{a.power_id}, {b.power_id}"
                raise wrong(b.power_id, "fault.power_together", person=person, powers=both_)


def _held(entries: Iterable[Power], posts: list[Row]) -> Iterator[tuple[str, list[Power]]]:
    """Yield each person with the entries that he has at any time, each as long as he has it."""
    found: dict[str, list[Power]] = {}
    for p in entries:
        if p.holder.startswith(GROUPS):
            for row in (r for r in posts if r["post"] == p.holder and overlap(p, r)):
                found.setdefault(row["person"], []).append(_during(p, row))
        else:
            found.setdefault(p.holder, []).append(p)
    anybody = found.pop(ANYBODY, [])
    for person in sorted(found):
        yield person, [*anybody, *found[person]]
    yield ANYBODY, anybody


def _during(p: Power, term: Row) -> Power:
    since = max(filter(None, (p.valid_from, term["valid_from"])), default=None)
    until = min(filter(None, (p.valid_to, term["valid_to"])), default=None)
    return replace(p, valid_from=since, valid_to=until)
