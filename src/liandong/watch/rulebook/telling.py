"""Rules in words: what each version that warnings name says."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from liandong.errors import UsageError
from liandong.schema.arrow import arrow_schema, build
from liandong.schema.tables.warnings import LEVELS
from liandong.step import Tables, fold
from liandong.texts import LANGUAGES, both, text
from liandong.watch.language import names, plain, sql
from liandong.watch.live.rule import WatchRule
from liandong.watch.signals.changes import ChangeRule
from liandong.watch.signals.graded import Graded
from liandong.watch.signals.rules import SignalsRule

KINDS: dict[str, type[Graded]] = {
    field.annotation.__name__: field.annotation
    for field in SignalsRule.model_fields.values()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Graded)
} | {ChangeRule.__name__: ChangeRule}
"""Rules of signals by their kind."""
_SIGNALS = {type(f.default).__name__: name.upper() for name, f in SignalsRule.model_fields.items()}
CODES = {kind: _SIGNALS.get(kind, "P1") for kind in KINDS}
"""Codes of signals by the kind of their rule."""
AT_LEAST = ("L1", "H1", "R1")
"""Signals whose thresholds are reached and not passed."""
_COMMA = {"zh": "，", "en": ", "}

Row = dict[str, Any]


@fold(reads=("rule",), writes=("rule_text",))
def rulebook(tables: Tables, rule: object) -> Tables:  # noqa: ARG001 - the signature of a step
    """Say in words what each rule of watch says, by the id that warnings and alerts name.

    Rules of a watch are told by their expressions, with the windows they read and the same as
    DuckDB's SQL; rules of signals by what they measure and their thresholds. A text in the table
    ``rule`` that cannot be read as what it is said to be is told with the reason.
    """
    rows = [row for kept in tables["rule"].to_pylist() for row in told(kept)]
    return {"rule_text": as_table(rows)}


def as_table(rows: list[Row]) -> pa.Table:
    """Return rows of ``rule_text`` as a table."""
    return build("rule_text", {n: [r[n] for r in rows] for n in arrow_schema("rule_text").names})


def told(kept: Row) -> Iterator[Row]:
    """Yield rows of ``rule_text`` for one row of ``rule``; none of a kind that is not of watch."""
    kind = kept["kind"]
    try:
        if kind == WatchRule.kind():
            yield from of_watch(WatchRule.from_toml(kept["toml"]))
        elif kind in CODES:
            yield _graded(KINDS[kind].from_toml(kept["toml"]))
    except UsageError as error:
        yield _row(
            rule=kept["rule_id"], within=kept["rule_id"], code=CODES.get(kind, kind),
            **{lang: error.text(lang) for lang in LANGUAGES},
        )  # fmt: skip


def of_watch(rule: WatchRule) -> Iterator[Row]:
    """Yield rows of ``rule_text`` for the rules and candidates of a watch."""
    schema = rule.schema_of_rows
    for group, shadow in ((rule.rules, False), (rule.shadow, True)):
        for one in group:
            typed = one.checked(schema)
            reads = list(dict.fromkeys(names(one.expression)))
            yield _row(
                rule=one.id, within=rule.id, code=one.code, level=one.level, when=one.when,
                remark=one.text or None, sql=sql(typed), reads=json.dumps(reads), shadow=shadow,
                valid_from=one.valid_from, valid_to=one.valid_to,
                **{lang: plain(typed, lang) for lang in LANGUAGES},
            )  # fmt: skip


def _graded(rule: Graded) -> Row:
    code = CODES[rule.kind()]
    sign = "<" if rule.falls else ("≥" if code in AT_LEAST else ">")
    limits = rule.plain()
    found = {lang: _levels(limits, sign, lang) for lang in LANGUAGES}
    said = both("rulebook.levels", what=both(f"rulebook.{code}"), levels=found)
    return _row(
        rule=rule.id, within=rule.id, code=code, valid_from=rule.valid_from,
        valid_to=rule.valid_to, **said,
    )  # fmt: skip


def _levels(limits: Row, sign: str, lang: str) -> str:
    return _COMMA[lang].join(
        text("rulebook.level", lang, word=text(f"rulebook.{n}", lang), sign=sign, limit=limits[n])
        for n in LEVELS
        if limits.get(n) is not None
    )


_BLANK: Row = {
    "level": None, "when": None, "remark": None, "sql": None, "reads": "[]", "shadow": False,
    "valid_from": None, "valid_to": None,
}  # fmt: skip


def _row(**known: object) -> Row:
    return {**_BLANK, **known}
