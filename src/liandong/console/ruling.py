"""A hand on the rules of a watch: what it writes, what that means, and what it would bring."""

import json
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import pyarrow as pa
import tomli_w

from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.errors import ExpressionError, LiandongError, UsageError
from liandong.govern.versions import in_use
from liandong.schema.arrow import arrow_schema
from liandong.schema.tables.warnings import LEVELS
from liandong.step import Rule
from liandong.step.registry import step
from liandong.store import Store
from liandong.texts import both
from liandong.types import stable_id

BOOK, TRIAL = "watch.rulebook", "watch.trial"
TABLES = ("backtest_point", "trial_subject")
PATIENCE = 0.9
"""Seconds that a page waits for a trial before it says that windows are still being made."""
LONG = 4_000
"""Characters of an expression, and of windows, at most."""
_OF_WINDOWS = ("windows", "late", "ahead", "leap")


@dataclass(frozen=True)
class Draft:
    """What stands in the form.

    Attributes
    ----------
    code, when, level, text
        Of the rule.
    valid_from
        The first day of the new version; None: it replaces the one before it at once.
    shadow
        Whether it is a candidate first.
    drop
        Whether the rule is to end.
    windows
        TOML of all windows; empty: as they are.
    reason
        Why.
    """

    code: str
    when: str
    level: str
    text: str
    valid_from: date | None
    shadow: bool
    drop: bool
    windows: str
    reason: str

    @classmethod
    def of(cls, query: Query) -> "Draft":
        """Read the form."""
        return cls(
            query.text("code"), query.text("when", most=LONG),
            query.choice("level", LEVELS, "orange"), query.text("text"), query.day("valid_from"),
            query.choice("shadow", ("0", "1"), "0") == "1", query.choice("drop", ("0", "1")) == "1",
            query.text("windows", most=LONG), query.text("reason"),
        )  # fmt: skip

    @property
    def said(self) -> bool:
        """Whether it asks for a change."""
        return bool(self.code and (self.when or self.drop))


def rules_of(reading: Reading, watch: str, versions: list[Row]) -> Row:
    """Return the rule that a watch goes by, as a row of ``rule``; empty without one."""
    used = in_use(versions)
    ran = reading.first("SELECT rule FROM watch_state WHERE watch = ?", watch)
    named = used or ran
    found = named and reading.first("SELECT * FROM rule WHERE rule_id = ?", named["rule"])
    return found or {}


def in_words(rows: list[Row]) -> list[Row]:
    """Return rows of ``rule_text`` for rows of ``rule``."""
    given = pa.Table.from_pylist(rows, schema=arrow_schema("rule"))
    return [_read(r) for r in step(BOOK)(given)["rule_text"].to_pylist()]


def _read(row: Row) -> Row:
    return {**row, "reads": json.loads(row["reads"])}


def edited(plain: Row, draft: Draft, *, shadow: bool) -> Row:
    """Return the plain values of rules with one of them changed.

    Parameters
    ----------
    shadow
        Whether the change is a candidate beside the rules.

    Raises
    ------
    UsageError
        If the windows are no TOML.
    """
    found = {**plain, **_windows(draft.windows)}
    group = "shadow" if shadow else "rules"
    kept = [r for r in plain.get(group, []) if r["code"] != draft.code]
    mine = [r for r in plain.get(group, []) if r["code"] == draft.code]
    day = draft.valid_from
    if day is not None:
        kept += [_until(r, day) for r in mine if r.get("valid_from", "") < day.isoformat()]
    if not draft.drop:
        new = {"code": draft.code, "when": draft.when, "level": draft.level, "text": draft.text,
               "valid_from": day and day.isoformat()}  # fmt: skip
        kept.append({n: v for n, v in new.items() if v})
    return {**found, group: kept}


def _until(rule: Row, day: date) -> Row:
    """Return a version that ends the day before another begins, if it did not end before."""
    last = (day - timedelta(days=1)).isoformat()
    return {**rule, "valid_to": min(rule.get("valid_to", last), last)}


def _windows(text: str) -> Row:
    if not text:
        return {}
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = both("fault.rule_toml", why=error)
        raise UsageError(what=what, remedy=both("advice.rule_toml")) from error
    return {n: v for n, v in found.items() if n in _OF_WINDOWS}


def windows_text(plain: Row) -> str:
    """Return the windows of plain values as TOML, one a paragraph."""
    return tomli_w.dumps({n: plain[n] for n in _OF_WINDOWS if n in plain})


@dataclass(frozen=True)
class Change:
    """A change that can be read.

    Attributes
    ----------
    rule
        What to try: rules as they are, and as they would be.
    saved
        What is proposed: the same, or a candidate beside the rules as they are.
    """

    rule: Any
    saved: Rule


def change(plain: Row, draft: Draft) -> Change:
    """Return a change as rules.

    Raises
    ------
    LiandongError
        That says what is wrong, with its place.
    """
    made: Any = step(TRIAL).rule  # it belongs to watch
    now = plain if plain.get("rules") else None
    tried = made.make(now=now, then=edited(plain, draft, shadow=False), code=draft.code)
    if not draft.shadow:
        return Change(tried, tried.then)
    return Change(tried, made.make(now=tried.then, then=edited(plain, draft, shadow=True)).then)


def mistake(error: LiandongError, draft: Draft) -> Row:
    """Return what a page says of a mistake: its words and, of an expression, its place."""
    said: Row = {lang: error.text(lang) for lang in ("zh", "en")}
    if not isinstance(error, ExpressionError):
        return said
    line, column = (int(str(error.params[n])) for n in ("line", "column"))
    return {**said, **placed(draft.when, line, column)}


def placed(text: str, line: int, column: int) -> Row:
    """Return a place in a text with its line, and a mark to stand below it."""
    lines = text.splitlines() or [""]
    # A Chinese letter is as wide as two others: the mark has spaces as wide.
    shown = lines[min(line, len(lines)) - 1]
    wide = "".join("\u3000" if ch > "\u2e80" else " " for ch in shown[: column - 1])
    mark = wide.ljust(column - 1) + "^"
    return {"line": line, "column": column, "shown": shown, "mark": mark}


def tried(reading: Reading, rule: Any) -> Row:  # noqa: ANN401 - a rule of the step, which is of watch
    """Return what became of a trial: its ``state``, and its rows once it is ``done``."""
    key = stable_id(TRIAL, rule.id)
    found = reading.trials.ask(key, lambda: _compute(reading, key, rule), PATIENCE)
    if found is None:
        return {"state": "working"}
    if found.refused:
        return {"state": "refused", **{n: found.refused.text(n) for n in ("zh", "en")}}
    points, subjects = found.tables
    rows = reading.rows("SELECT * FROM {source} ORDER BY study, point", source=points)
    return {"state": "done", "points": rows, "subjects": subjects}


def _compute(reading: Reading, key: str, rule: Any) -> tuple[str, ...]:  # noqa: ANN401 - as above
    store = reading.board.store
    log = _log(store, tuple(h["snapshot_id"] for h in store.heads("watch_event")))
    found = step(TRIAL)(log, store.read("event"), rule=rule)
    held = {n: f"trial_{key}_{n}" for n in TABLES}
    for name, place in held.items():
        reading.hold(place, found[name], like=name)
    return tuple(held.values())


@lru_cache(maxsize=1)
def _log(store: Store, snapshots: tuple[str, ...]) -> pa.Table:
    """Return the log; the same object as long as it stays: its windows are made once."""
    del snapshots  # they say which log it is
    return store.read("watch_event")


def difference(old: str, new: str) -> list[tuple[str, str]]:
    """Return the rules and windows that two texts do not share, as (sign, line).

    Examples
    --------
    >>> a = 'rules = [{code = "x", when = "a > 1"}]'
    >>> difference(a, a.replace("1", "2"))
    [('-', 'rules x: a > 1'), ('+', 'rules x: a > 2')]
    """
    return changed(*(_lines(tomllib.loads(t)) for t in (old, new)))


def changed(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    """Return the lines that only one of two texts has, as (sign, line)."""
    gone = [("-", line) for line in before if line not in after]
    return gone + [("+", line) for line in after if line not in before]


def _lines(plain: Row) -> list[str]:
    return [
        f"{group} {_line(one)}"
        for group, value in plain.items()
        for one in (value if isinstance(value, list) else [value])
    ]


def _line(one: object) -> str:
    if not isinstance(one, dict):
        return str(one)
    name, text = str(one.get("code") or one.get("name")), one.get("when")
    rest = [f"{n}={v}" for n, v in one.items() if n not in {"code", "name", "when"} and v]
    return ": ".join([name, *([str(text)] if text else [])]) + "".join(f" · {r}" for r in rest)
