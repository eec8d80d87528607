"""A scorecard as PMML 4.4 (Data Mining Group), the exchange format of scoring engines.

Reasons follow the standard's "points below" with the most points of a term as its baseline.
"""

from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET

from liandong import __version__
from liandong.assess.card.scorecard import Characteristic, Pair, Scorecard

NAMESPACE = "http://www.dmg.org/PMML-4_4"
STEEP = 700
"""As in SQL: the exponent is kept where every engine can take it."""


def to_pmml(card: Scorecard, grades: Mapping[str, int]) -> str:
    """Write a scorecard as a PMML document.

    Fields are the measures, and a Boolean ``MEASURE_withheld`` for each. Outputs are ``points``,
    ``pd`` in ppm, ``grade``, and the reason codes in order.

    Parameters
    ----------
    card, grades
        As for ``to_sql``.
    """
    root = ET.Element("PMML", xmlns=NAMESPACE, version="4.4")
    header = ET.SubElement(root, "Header", description=f"Scorecard {card.id}")
    ET.SubElement(header, "Application", name="liandong", version=__version__)
    fields = ET.SubElement(root, "DataDictionary")
    model = ET.SubElement(
        root, "Scorecard", modelName=card.id, functionName="regression", useReasonCodes="true",
        reasonCodeAlgorithm="pointsBelow", baselineMethod="max", initialScore=str(card.base),
    )  # fmt: skip
    schema = ET.SubElement(model, "MiningSchema")
    for name, kind in _fields(card):
        optype = "continuous" if kind == "double" else "categorical"
        ET.SubElement(fields, "DataField", name=name, optype=optype, dataType=kind)
        ET.SubElement(schema, "MiningField", name=name, invalidValueTreatment="asIs")
    _outputs(ET.SubElement(model, "Output"), card, grades)
    terms = ET.SubElement(model, "Characteristics")
    cards = {c.measure: c for c in card.characteristics}
    for c in card.characteristics:
        cells = ((_cell(c, i), p) for i, p in enumerate(c.points))
        _term(terms, c.measure, (c.measure,), c.points, cells)
    for pair in card.pairs:
        points = tuple(p for row in pair.points for p in row)
        _term(terms, pair.name, pair.measures, points, _pair(pair, cards))
    ET.indent(root)
    return ET.tostring(root, "unicode", xml_declaration=True)


def _fields(card: Scorecard) -> Iterator[tuple[str, str]]:
    for c in card.characteristics:
        yield c.measure, "string" if c.levels else "double"
        yield f"{c.measure}_withheld", "boolean"


def _term(
    terms: ET.Element, name: str, measures: tuple[str, ...], points: tuple[int, ...],
    cells: Iterator[tuple[ET.Element, int]],
) -> None:  # fmt: skip
    """Add a characteristic. The first attribute that is true counts: withheld ones go ahead.

    An absent flag makes its predicate unknown, which is as good as shared.
    """
    best = str(max(0, *points))
    term = ET.SubElement(terms, "Characteristic", name=name, reasonCode=name, baselineScore=best)
    for m in measures:
        hidden = _simple(f"{m}_withheld", "equal", "true")
        ET.SubElement(term, "Attribute", partialScore="0").append(hidden)
    for predicate, earned in cells:
        ET.SubElement(term, "Attribute", partialScore=str(earned)).append(predicate)
    ET.SubElement(ET.SubElement(term, "Attribute", partialScore="0"), "True")


def _pair(pair: Pair, cards: dict[str, Characteristic]) -> Iterator[tuple[ET.Element, int]]:
    first, second = (cards[m] for m in pair.measures)
    for i, row in enumerate(pair.points):
        for j, points in enumerate(row):
            yield _every(_cell(first, i), _cell(second, j)), points


def _cell(c: Characteristic, at: int) -> ET.Element:
    """Return the predicate of a cell; the last is that of absent values."""
    if at == c.bins:
        return _simple(c.measure, "isMissing")
    if c.levels:
        found = ET.Element("SimpleSetPredicate", field=c.measure, booleanOperator="isIn")
        quoted = ('"' + v.replace('"', '\\"') + '"' for v in c.levels[at])
        array = ET.SubElement(found, "Array", type="string", n=str(len(c.levels[at])))
        array.text = " ".join(quoted)
        return found
    bounds = []
    if at:
        bounds.append(_simple(c.measure, "greaterThan", repr(c.edges[at - 1])))
    if at < len(c.edges):
        bounds.append(_simple(c.measure, "lessOrEqual", repr(c.edges[at])))
    return _every(*bounds) if bounds else _simple(c.measure, "isNotMissing")


def _simple(field: str, operator: str, value: str | None = None) -> ET.Element:
    found = ET.Element("SimplePredicate", field=field, operator=operator)
    if value is not None:
        found.set("value", value)
    return found


def _every(*predicates: ET.Element) -> ET.Element:
    if len(predicates) == 1:
        return predicates[0]
    found = ET.Element("CompoundPredicate", booleanOperator="and")
    found.extend(predicates)
    return found


def _outputs(output: ET.Element, card: Scorecard, grades: Mapping[str, int]) -> None:
    """Add the score, what it stands for, and the reason codes."""
    ET.SubElement(
        output, "OutputField", name="points", feature="predictedValue", dataType="double",
        optype="continuous",
    )  # fmt: skip
    scale = card.scaling
    odds = _apply("/", _apply("-", "points", scale.offset), scale.factor)
    kept = _apply("min", _apply("max", odds, -STEEP), STEEP)
    share = _apply("/", 1.0, _apply("+", 1.0, _apply("exp", kept)))
    _output(output, "pd", "integer", _apply("round", _apply("*", 1e6, share)))
    *lower, worst = sorted(grades, key=grades.__getitem__)
    grade = _constant(worst)
    for name in reversed(lower):
        grade = _apply("if", _apply("lessThan", "pd", int(grades[name])), _constant(name), grade)
    _output(output, "grade", "string", grade)
    for rank in range(1, len(card.terms) + 1):
        ET.SubElement(
            output, "OutputField", name=f"reason_{rank}", feature="reasonCode", rank=str(rank),
            dataType="string", optype="categorical",
        )  # fmt: skip


def _output(output: ET.Element, name: str, kind: str, how: ET.Element) -> None:
    optype = "categorical" if kind == "string" else "continuous"
    field = ET.SubElement(
        output, "OutputField", name=name, feature="transformedValue", dataType=kind, optype=optype
    )
    field.append(how)


def _apply(function: str, *arguments: ET.Element | str | float) -> ET.Element:
    """Return a call; text is the name of a field, a number a constant."""
    found = ET.Element("Apply", function=function)
    for a in arguments:
        if isinstance(a, str):
            ET.SubElement(found, "FieldRef", field=a)
        else:
            found.append(a if isinstance(a, ET.Element) else _constant(a))
    return found


def _constant(value: str | float) -> ET.Element:
    kind = {str: "string", int: "integer", float: "double"}[type(value)]
    found = ET.Element("Constant", dataType=kind)
    found.text = value if isinstance(value, str) else repr(value)
    return found
