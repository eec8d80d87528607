"""Flags as rows: what each points at, its gravity, the share that is flagged, and the cap."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from liandong.govern.flags.rules import FlagRule
from liandong.schema.arrow import build, empty
from liandong.step import Tables
from liandong.step.reasons import reason_list
from liandong.types import PPM, stable_id


class Flag(NamedTuple):
    """One flag before it has its place.

    Attributes
    ----------
    code, reason
        Its kind, and the code of the reason that says so.
    rows
        Ids of the rows of ``table`` that it points at, sorted; all of them.
    """

    code: str
    reason: str
    kind: str
    subject: str
    amount: int
    value: float | None
    table: str
    rows: tuple[str, ...]

    @property
    def id(self) -> str:
        """The same rows give the same id."""
        return stable_id("red_flag", self.code, self.kind, self.subject, *self.rows[:1])

    @property
    def gravity(self) -> tuple[int, float, str, tuple[str, ...]]:
        """The gravest comes first."""
        return (-self.amount, -(self.value or 0.0), self.subject, self.rows)


class Told(NamedTuple):
    """A kind of flag: those it found and how many rows it looked at."""

    code: str
    items: int
    found: list[Flag]


def tables_of(told: Sequence[Told], rule: FlagRule, unknown: Sequence[Told] = ()) -> Tables:
    """Return ``red_flag`` and ``flag_summary``.

    A kind whose rows are a greater share than its cap lists its gravest flags up to the cap, and at
    least one: nothing that was found is passed over in silence.

    Parameters
    ----------
    unknown
        Kinds that could not be judged, as the calendar does not reach there: counted, not listed.
    """
    rows, sums = [], []
    for kind in told:
        grave = sorted(kind.found, key=lambda f: f.gravity)
        cap = rule.cap_of(kind.code)
        most = _listed(grave, cap * kind.items // PPM)
        rows += [_row(f, k, rule) for k, f in enumerate(grave[:most], 1)]
        sums.append(_sum(kind, grave, most, cap))
    for kind in unknown:
        flagged = sum(len(f.rows) for f in kind.found)
        sums.append(
            {**_sum(kind, [], 0, 0), "shown": "calendar_unknown", "flagged": flagged,
             "share": _share(flagged, kind.items), "reasons": [("flags.calendar_unknown", flagged)]}
        )  # fmt: skip
    return {"red_flag": _built("red_flag", rows), "flag_summary": _built("flag_summary", sums)}


def _listed(grave: list[Flag], room: int) -> int:
    seen: set[tuple[str, str]] = set()
    for k, f in enumerate(grave):
        seen.update((f.table, r) for r in f.rows)
        if len(seen) > room:
            return max(k, 1)
    return len(grave)


def _share(part: int, whole: int) -> int:
    return part * PPM // whole if whole else 0


def _row(f: Flag, place: int, rule: FlagRule) -> dict[str, Any]:
    evidence = {"table": f.table, "rows": f.rows[: rule.evidence]}
    return {
        "flag_id": f.id, "code": f.code, "subject_kind": f.kind, "subject_id": f.subject,
        "place": place, "items": len(f.rows), "amount": f.amount, "value": f.value,
        "evidence": json.dumps(evidence, ensure_ascii=False),
        "reasons": [(f.reason, len(f.rows)), ("flags.stake", f.amount)],
    }  # fmt: skip


def _sum(kind: Told, grave: list[Flag], listed: int, cap: int) -> dict[str, Any]:
    flagged = len({(f.table, r) for f in grave for r in f.rows})
    share = _share(flagged, kind.items)
    beyond = listed < len(grave)
    why = [("flags.share", share), *([("flags.beyond_cap", cap)] if beyond else [])]
    return {
        "code": kind.code, "shown": "gravest" if beyond else "all", "items": kind.items,
        "flagged": flagged, "share": share, "cap": cap, "flags": len(grave), "listed": listed,
        "reasons": why,
    }  # fmt: skip


def _built(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    if not rows:
        return empty(name)
    columns: dict[str, Any] = {n: [r[n] for r in rows] for n in rows[0]}
    return build(name, {**columns, "reasons": reason_list(columns["reasons"])})
