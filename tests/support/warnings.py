"""Small boards for signals, told in a few words, and what signals say of them."""

import json
from datetime import date, timedelta

import pyarrow as pa

from liandong.schema.arrow import build, empty
from liandong.watch import SignalsRule, signals
from support.happenings import Happening, table_of

DAY = 86_400_000_000
EPOCH = date(1970, 1, 1)


def moment(day: str | date) -> int:
    """Return noon of a day in microseconds."""
    on = date.fromisoformat(day) if isinstance(day, str) else day
    return (on - EPOCH).days * DAY + DAY // 2


class Board:
    """Tables that signals read, built up event by event."""

    def __init__(self, *firms: str, **columns: list) -> None:
        self.events: list[Happening] = []
        self.tables = {n: empty(n) for n in signals.reads}
        self.tables["party"] = build(
            "party", {"party_id": list(firms), "kind": ["firm"] * len(firms), **columns}
        )

    def tell(
        self, kind: str, subject: str, day: str | date, amount: int | None = None, *,
        tag: str | None = None, other: str | None = None, seen: str | date | None = None,
    ) -> "Board":  # fmt: skip
        """Add an event; it is seen when it happens unless said otherwise."""
        n, at = len(self.events), moment(day)
        known = at if seen is None else moment(seen)
        self.events.append(
            Happening(f"e{n:05}", "test", n, at, known, kind, subject, other, amount, tag)
        )
        return self

    def months(
        self, kind: str, tag: str, subject: str, first: str, amounts: list[int], lag: int = 5
    ) -> "Board":
        """Add one event a month, on its last day, seen ``lag`` days later."""
        year, month = map(int, first.split("-"))
        for k, amount in enumerate(amounts):
            after = month + k
            end = date(year + after // 12, after % 12 + 1, 1) - timedelta(days=1)
            self.tell(kind, subject, end, amount, tag=tag, seen=end + timedelta(days=lag))
        return self

    def put(self, name: str, **columns: list) -> "Board":
        """Replace a table."""
        self.tables[name] = build(name, columns)
        return self

    def given(self) -> dict[str, pa.Table]:
        """Return all tables."""
        return {**self.tables, "watch_event": table_of(self.events)}

    def judged(self, code: str, day: str, **sections: object) -> dict[str, dict]:
        """Return the warnings of a signal on a day by subject, with evidence and reasons read."""
        rule = SignalsRule(as_of=date.fromisoformat(day), **sections)
        given = self.given()
        found = signals(*(given[n] for n in signals.reads), rule=rule)["warning"]
        return {
            w["subject_id"]: {
                **w,
                "evidence": w["evidence"] and json.loads(w["evidence"]),
                "reasons": [r["code"] for r in w["reasons"]],
            }
            for w in found.to_pylist()
            if w["code"] == code
        }
