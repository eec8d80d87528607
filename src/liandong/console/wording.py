"""Which values of tables have words, and what some of them are in words."""

import re

from liandong.schema.tables import TABLES
from liandong.texts import catalogue, text

_WORDED = {
    **{n: n for n in ("unit", "vintage", "source", "action", "step", "place", "slice", "scenario",
                      "queue", "regime")},
    "category": "choice", "factor_flow.kind": "flow_kind",
    "flow_unmatched.kind": "flow_kind", "gravity.kind": "flow_kind",
    "border_cost.kind": "flow_kind", "gravity.term": "gravity_term", "scenario.name": "scenario",
    "arm": "policy", **{f"{t}.name": "policy" for t in ("experiment", "experiment_effect",
                                                        "experiment_path")},
    "price.good": "measure", "act.subject": "table", "trail.dst_account": "place",
    "red_flag.code": "flag", "flag_summary.code": "flag", "flag_precision.code": "flag",
    "tender.method": "tendering", "rule.toml": "typed",
    "when": "typed", "run.part": "typed", "gap.part": "part", "gap_pair.one": "group",
    "gap_pair.other": "group", "border_test.group_id": "group", "border_test.other_id": "group",
}  # fmt: skip
"""Fields with values that have words of their own, where they are not choices, and whose words."""
APART = re.compile(r"( / |; |, )")
"""What stands between several values in one text."""
_LACKS = re.compile(r"(\S+) \((\w+)(.*)\)")
"""An entry of the list of powers, and the field of it that stood against what somebody did."""


def group_of(table: str, field: str) -> str:
    """Return the group of the catalogue with the words for values of a field; empty for none."""
    return _WORDED.get(f"{table}.{field}") or _WORDED.get(field, "")


def choice_text(table: str, field: str, value: str, lang: str) -> str:
    """Return the word for a value of a fixed list; the value itself if there is no word."""
    for code in (f"choice.{table}_{field}_{value}", f"choice.{value}"):
        if code in catalogue():
            return text(code, lang)
    return value


def lacking(said: str, lang: str) -> str:
    """Return the words for what of powers was missing when somebody was refused.

    Examples
    --------
    >>> lacking("no entry", "en"), lacking("V1 (limit), V2 (scope)", "en")
    ('no entry of the list', 'V1 (Limit), V2 (Scope)')
    """
    parts = [_LACKS.fullmatch(p) for p in said.split(", ")]
    if not all(parts):
        code = f"lacking.{said}"
        return text(code, lang) if code in catalogue() else said
    fields = TABLES["power"]
    return ", ".join(f"{p[1]} ({getattr(fields.field(p[2]), lang)}{p[3]})" for p in parts if p)
