"""Every figure that regions have, in one long list: what the map draws and regions compare.

A measure is named ``TABLE.FIELD`` or ``TABLE.FIELD.PART``, such as ``region_stat.gdp`` or
``complexity.eci.industry``; in the tables that hold measures as rows the field is the measure.
"""

from urllib.parse import urlencode

from liandong.console.cells import Cells
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.regional import course
from liandong.console.regional.chapters import MONEY
from liandong.schema.tables import TABLES
from liandong.texts import text

FIRST = "region_course.ratio"
"""What is drawn if nothing is asked for."""

_ROWS = """
SELECT 'region_stat' AS source, measure AS field, '' AS part, region_id, period, vintage,
  value, 'float' AS kind, unit FROM region_stat
UNION ALL SELECT 'region_money', measure, '', region_id, as_of::VARCHAR, '', value::DOUBLE,
  CASE unit WHEN 'fen' THEN 'money' WHEN 'ppm' THEN 'rate' ELSE 'int' END, ''
  FROM region_money WHERE industry = '*'
UNION ALL SELECT 'region_course', 'per_head', '', region_id, period, vintage, per_head, 'money', ''
  FROM region_course WHERE chosen
"""
_HEADS = "measure = 'gdp_per_population'"
_FIELDS = (
    # Table, field, part, period, vintage, kind, condition.
    ("region_course", "ratio", "''", "period", "vintage", "share", "chosen"),
    ("convergence_region", "growth", "''", "''", "vintage", "share", _HEADS),
    ("structure", "krugman", "kind", "period", "vintage", "float", ""),
    ("structure", "hachman", "kind", "period", "vintage", "float", ""),
    ("complexity", "eci", "kind", "period", "vintage", "float", ""),
    ("complexity", "diversity", "kind", "period", "vintage", "int", ""),
    ("chain_region", "own", "''", "as_of", "''", "rate", ""),
    ("chain_region", "hhi", "''", "as_of", "''", "rate", ""),
    ("chain_region", "sole_inputs", "''", "as_of", "''", "int", ""),
    ("chain_region", "chokepoints", "''", "as_of", "''", "int", ""),
    ("reach", "share", "network || '-' || within", "''", "''", "rate", "level = 'region'"),
    ("segmentation", "value", "''", "period", "vintage", "float", "other_id = '*'"),
    ("logistics", "ratio", "''", "period", "vintage", "share", ""),
    ("coupling", "degree", "''", "period", "vintage", "float", ""),
    ("carbon", "intensity", "''", "period", "vintage", "float", ""),
)


def keep(reading: Reading) -> None:
    """Hold ``atlas``: source, field, part, region_id, period, vintage, value, kind, unit."""
    course.keep(reading)
    every = " UNION ALL ".join([_ROWS, *(_one(*spec) for spec in _FIELDS)])
    named = "a.source || '.' || a.field || CASE a.part WHEN '' THEN '' ELSE '.' || a.part END"
    reading.keep(
        "atlas",
        f"SELECT a.*, {named} AS measure, r.level FROM ({every}) a JOIN region r USING (region_id)"  # noqa: S608 - our constants
        " WHERE value IS NOT NULL AND isfinite(value)",
    )


def _one(
    table: str, field: str, part: str, period: str, vintage: str, kind: str, where: str
) -> str:
    origin = "origin_id" if table == "reach" else "region_id"
    kept = f" WHERE {where}" if where else ""
    return (
        f"SELECT '{table}', '{field}', {part}, {origin}, {period}::VARCHAR, {vintage},"  # noqa: S608 - our constants
        f" {field}::DOUBLE, '{kind}', '' FROM {table}{kept}"
    )


def measures(reading: Reading) -> list[Row]:
    """Return the measures there are: ``measure``, ``source``, ``field``, ``part``, ``kind``."""
    keep(reading)
    return reading.rows(
        "SELECT * FROM (SELECT measure, source, field, part, min(kind) AS kind, min(unit) AS unit"
        " FROM atlas GROUP BY ALL) ORDER BY"
        " list_position(['region_course', 'region_stat', 'region_money'], source) NULLS LAST,"
        " list_position(?, field) NULLS LAST, measure",
        list(MONEY),
    )


def chosen(query: Query, known: list[Row]) -> Row | None:
    """Return the measure that is asked for; UsageError names those there are."""
    names = [k["measure"] for k in known]
    first = FIRST if FIRST in names else next(iter(names), "")
    name = query.choice("measure", names, first)
    return next((k for k in known if k["measure"] == name), None)


def course_of(reading: Reading, where: Where) -> list[Row]:
    """Return measures by region and period, each in the newest vintage that the region has.

    ``vintages`` counts those there are. ``where`` chooses among the columns of ``atlas``.
    """
    keep(reading)
    return reading.rows(
        "SELECT measure, region_id, period, max(vintage) AS vintage,"
        " arg_max(value, vintage) AS value, arg_max(unit, vintage) AS unit,"
        " count(DISTINCT vintage) AS vintages FROM atlas{where}"
        " GROUP BY measure, region_id, period ORDER BY measure, period, region_id",
        where,
    )


def name(measure: Row, c: Cells) -> str:
    """Name a measure in the language of a page."""
    if measure["source"] == "region_course":
        return text(f"console.atlas_{measure['field']}", c.lang)
    if measure["source"] in {"region_stat", "region_money"}:
        return c.measure(measure["field"])
    table = TABLES[measure["source"]]
    words = f"{getattr(table, c.lang)} · {getattr(table.field(measure['field']), c.lang)}"
    return f"{words} · {part(measure, c)}" if measure["part"] else words


def part(measure: Row, c: Cells) -> str:
    """Name the part of a measure: a kind of output, or a network and its limit of time."""
    if measure["source"] == "reach":
        network, _, within = measure["part"].partition("-")
        return f"{c.choice('reach', 'network', network)} {c.t('region_minutes', n=within)}"
    return c.choice(measure["source"], "kind", measure["part"])


def table(measure: Row) -> str:
    """Return the table whose rows a measure is read from."""
    return "region_stat" if measure["source"] == "region_course" else str(measure["source"])


def rows_at(measure: Row, adcode: str, period: str) -> str:
    """Return the address of the rows that a figure comes from."""
    home = table(measure)
    asked = {"f.origin_id" if home == "reach" else "f.region_id": adcode}
    names = TABLES[home].names
    if period:
        asked["f.period" if "period" in names else "f.as_of"] = period
    if home in {"region_stat", "region_money"} and measure["source"] == home:
        asked["f.measure"] = measure["field"]
    return f"/table/{home}?{urlencode(asked)}"
