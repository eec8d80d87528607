"""Verdicts as rows of ``live_warning``: what was said of whom, by what, and on what grounds."""

import hashlib
import json
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from liandong.schema.arrow import arrow_schema, empty
from liandong.step.reasons import reason_list
from liandong.watch.language import Judgement
from liandong.watch.live.alerts import known_at
from liandong.watch.live.judgements import Judgements
from liandong.watch.windows.ledger import micros

POINTS = {"yellow": 1, "orange": 2, "red": 3}
NO_WARNINGS = empty("live_warning").drop_columns(["watch", "seq"])
ABOUT = ("subject_id", "event_id", "at")


class Hit(NamedTuple):
    """A rule that holds at an event, or no longer does: their numbers in what was judged."""

    row: int
    rule: int
    holds: bool


def warning_id(rule: str, event: str) -> str:
    """Return the id of what a version of a rule says first of an event: the same in every run."""
    return hashlib.sha256(f"{rule}|{event}".encode()).hexdigest()[:20]


def warnings_of(
    hits: Sequence[Hit], judgements: Judgements, rows: pa.Table, events: pa.Table, *,
    clock: int, known: int | None,
) -> pa.Table:  # fmt: skip
    """Return the rows of ``live_warning`` of hits, without ``watch`` and ``seq``.

    Parameters
    ----------
    clock
        Where the clock of alerts stood before, in microseconds.
    known
        When late events were known that changed what was said, in microseconds; None: nothing was
        said before, and it was known when the event was. The books give amendments ids of their
        own, since there may be many of one event.
    """
    where = pa.array([h.row for h in hits], pa.int64())
    about = {n: events[n].take(where) for n in ABOUT}
    rules = [judgements.rules[h.rule] for h in hits]
    ids = [judgements.ids[h.rule] for h in hits]
    stamp = pa.timestamp("us", "UTC")
    seen = (
        events["seen_at"].take(where)
        if known is None
        else pa.array([known] * len(hits)).cast(stamp)
    )
    names = zip(ids, about["event_id"].to_pylist(), strict=True)
    columns = {
        "warning_id": [warning_id(*n) for n in names],
        "rule": ids,
        "code": [r.code for r in rules],
        **about,
        "seen_at": seen,
        "known_at": known_at(micros(about["at"]), clock, late=known is not None),
        "level": [r.level if h.holds else None for h, r in zip(hits, rules, strict=True)],
        "amends": [known is not None] * len(hits),
        "shadow": [h.rule >= judgements.live for h in hits],
        "evidence": _evidence(hits, judgements, rows),
        "reasons": reason_list(
            [_reasons(r) if h.holds else [] for h, r in zip(hits, rules, strict=True)]
        ),
    }
    schema = pa.schema([f for f in arrow_schema("live_warning") if f.name in columns])
    return pa.table({f.name: columns[f.name] for f in schema}, schema=schema)


def _reasons(rule: Judgement) -> list[tuple[str, int]]:
    return [(f"watch.live_rule({rule.code})", POINTS[rule.level])]


def _evidence(hits: Sequence[Hit], judgements: Judgements, rows: pa.Table) -> list[str]:
    """Return what the rules of hits read, as JSON; shares and means in millionths."""
    found = [""] * len(hits)
    for rule in sorted({h.rule for h in hits}):
        mine = [i for i, h in enumerate(hits) if h.rule == rule]
        read = rows.select(judgements.names[rule]).take([hits[i].row for i in mine])
        for i, row in zip(mine, read.to_pylist(), strict=True):
            found[i] = json.dumps(row, ensure_ascii=False, sort_keys=True)
    return found
