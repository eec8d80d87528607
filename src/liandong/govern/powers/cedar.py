"""The part of a power list that needs no history, as Cedar policies and entities."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from liandong.govern.powers.deciding import Index, Request, prefix
from liandong.govern.powers.entries import ANYBODY, GROUPS, Power


def stateless(p: Power) -> Power:
    """Return an entry without what needs history: limits over time, approvals, broken glass."""
    return replace(
        p, period=None, period_limit=None, total_limit=None, approvals=0, in_order=(),
        glass_hours=None,
    )  # fmt: skip


def policies(entries: Iterable[Power]) -> str:
    """Return Cedar policies: one for each entry, with its id.

    Limits over time, approvals and broken glass are left out and named in an annotation: there a
    Cedar engine allows what liandong may still refuse.
    """
    return "\n".join(_policy(p) for p in entries)


def entities(index: Index) -> list[dict[str, Any]]:
    """Return the persons and their roles and posts, as Cedar entities."""
    groups = sorted({g for held in index.groups.values() for g in held})
    persons = [
        {"uid": _uid("User", person), "attrs": {}, "parents": [_uid("Group", g) for g in sorted(h)]}
        for person, h in sorted(index.groups.items())
    ]
    return [*({"uid": _uid("Group", g), "attrs": {}, "parents": []} for g in groups), *persons]


def request(asked: Request) -> dict[str, Any]:
    """Return what Cedar is asked for a request."""
    amount = {} if asked.amount is None else {"amount": asked.amount}
    return {
        "principal": f"User::{_text(asked.actor)}",
        "action": f"Action::{_text(asked.action)}",
        "resource": 'Case::"any"',
        "context": {
            "about": dict(asked.about), "evidence": sorted(asked.evidence),
            "done": sorted(asked.done), **amount,
        },
    }  # fmt: skip


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


def _policy(p: Power) -> str:
    left = [n for n in ("period_limit", "total_limit", "approvals", "glass_hours") if getattr(p, n)]
    notes = f"@stateful({_text(' '.join(left))})\n" if left else ""
    tests = " && ".join(_tests(p))
    when = f"\nwhen {{ {tests} }}" if tests else ""
    head = f"{_holder(p.holder)}, action == Action::{_text(p.action)}, resource"
    return f"@id({_text(p.power_id)})\n{notes}permit({head}){when};\n"


def _holder(holder: str) -> str:
    if holder == ANYBODY:
        return "principal"
    if holder.startswith(GROUPS):
        return f"principal in Group::{_text(holder)}"
    return f"principal == User::{_text(holder)}"


def _tests(p: Power) -> Iterator[str]:
    if p.limit is not None:
        yield f"context has amount && context.amount >= 0 && context.amount <= {p.limit}"
    if p.conflicts:
        yield f"!context.done.containsAny({_set(sorted(p.conflicts))})"
    for name, values in p.scope:
        at = _at(name)
        if name == "region":
            starts = " || ".join(f"{at} like {_pattern(prefix(v))}" for v in values)
            yield f"{_has(name)} && ({starts})"
        else:
            yield f"{_has(name)} && {_set(values)}.contains({at})"
    for name, wanted in p.conditions:
        yield f"{_has(name)} && {_condition(_at(name), wanted)}"
    if p.evidence:
        yield f"context.evidence.containsAll({_set(sorted(p.evidence))})"


def _has(name: str) -> str:
    return f"context.about has {_text(name)}"


def _at(name: str) -> str:
    return f"context.about[{_text(name)}]"


def _condition(at: str, wanted: tuple[Any, ...] | Mapping[str, int]) -> str:
    if isinstance(wanted, tuple):
        return f"{_set(wanted)}.contains({at})"
    signs = {"least": ">=", "most": "<="}
    return " && ".join(f"{at} {signs[n]} {v}" for n, v in wanted.items())


def _set(values: Iterable[Any]) -> str:
    return f"[{', '.join(_text(v) if isinstance(v, str) else str(v) for v in values)}]"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _pattern(start: str) -> str:
    return f'{_text(start)[:-1]}*"'
