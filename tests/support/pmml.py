"""A small reader of PMML scorecards that follows the standard's own words; an oracle for tests."""

import math
import shlex
from xml.etree import ElementTree as ET

NS = "{http://www.dmg.org/PMML-4_4}"


def score(document: str, row: dict) -> dict:
    """Return the outputs of a PMML scorecard for one row; fields that are absent are None."""
    model = ET.fromstring(document).find(f"{NS}Scorecard")  # noqa: S314 - our own text
    points, lost = float(model.get("initialScore")), {}
    for term in model.find(f"{NS}Characteristics"):
        # "The first attribute whose predicate is true": unknown is not true.
        attribute = next(a for a in term if _true(a[0], row) is True)
        earned = float(attribute.get("partialScore"))
        points += earned
        lost[term.get("reasonCode")] = float(term.get("baselineScore")) - earned
    found = {"points": points}
    worst = sorted(lost, key=lambda code: -lost[code])
    for field in model.find(f"{NS}Output"):
        kind = field.get("feature")
        if kind == "transformedValue":
            found[field.get("name")] = _value(field[0], found)
        elif kind == "reasonCode":
            found[field.get("name")] = worst[int(field.get("rank")) - 1]
    return found


def _true(node, row):
    """Evaluate a predicate: True, False, or None where it is unknown."""
    kind = node.tag.removeprefix(NS)
    if kind == "True":
        return True
    if kind == "CompoundPredicate":
        assert node.get("booleanOperator") == "and"
        parts = [_true(p, row) for p in node]
        return False if False in parts else None if None in parts else True
    value = row[node.get("field")]
    if kind == "SimpleSetPredicate":
        array = node.find(f"{NS}Array")
        members = shlex.shlex(array.text, posix=True)
        members.whitespace_split, members.quotes, members.commenters = True, '"', ""
        known = list(members)
        assert len(known) == int(array.get("n"))
        return None if value is None else value in known
    operator = node.get("operator")
    if operator in {"isMissing", "isNotMissing"}:
        return (value is None) == (operator == "isMissing")
    if value is None:
        return None
    bound = node.get("value")
    if operator == "equal":
        return str(value).lower() == bound
    return value > float(bound) if operator == "greaterThan" else value <= float(bound)


FUNCTIONS = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "/": lambda a, b: a / b, "exp": math.exp, "min": min, "max": max,
    "round": lambda a: math.floor(a + 0.5), "lessThan": lambda a, b: a < b,
    "if": lambda a, b, c: b if a else c,
}  # fmt: skip


def _value(node, known):
    kind = node.tag.removeprefix(NS)
    if kind == "FieldRef":
        return known[node.get("field")]
    if kind == "Constant":
        return {"string": str, "integer": int, "double": float}[node.get("dataType")](node.text)
    return FUNCTIONS[node.get("function")](*(_value(n, known) for n in node))
