"""One region: its statistics beside the others', its firms, money and alerts."""

from typing import Any

from liandong.console.filters import Filter
from liandong.console.links import missing
from liandong.console.pages.alerts import by_level, latest
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row

_STATS = """
WITH newest AS (
  SELECT *, row_number() OVER (PARTITION BY region_id, measure
    ORDER BY period DESC, vintage DESC) AS place FROM region_stat)
SELECT s.*, rank() OVER (PARTITION BY s.measure ORDER BY s.value DESC) AS rank,
  count(*) OVER (PARTITION BY s.measure) AS among
FROM newest s JOIN region r USING (region_id)
WHERE s.place = 1 AND r.level = (SELECT level FROM region WHERE region_id = ?)
QUALIFY s.region_id = ? ORDER BY s.measure
"""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the figures of one region.

    Raises
    ------
    NotFoundError
        If the board does not know the region.
    """
    adcode = query.text("adcode")
    place = reading.first("SELECT * FROM region WHERE region_id = ?", adcode)
    if place is None:
        raise missing("region", adcode, "/regions")
    f = Filter.of(Query({**query.given, "region": adcode}))
    return {
        "region": place,
        "parts": reading.rows(
            "SELECT region_id, name, name_en FROM region WHERE parent_id = ? ORDER BY region_id",
            adcode,
        ),
        "stats": reading.rows(_STATS, adcode, adcode),
        "grades": _grades(reading, f),
        "money": _money(reading, f),
        "levels": by_level(reading, f),
        "alerts": latest(reading, f, limit=10),
        "firms": _firms(reading, f),
        "sources": {t: reading.source(t)
                    for t in ("region_stat", "score", "offer", "alert", "party", "loan")},
    }  # fmt: skip


def _grades(reading: Reading, f: Filter) -> list[Row]:
    where = f.whose(Where().add("as_of = ?", f.latest(reading, "score")), "party_id")
    return reading.rows(
        "SELECT grade, count(*) AS count FROM score{where} GROUP BY grade ORDER BY grade",
        where,
    )


def _money(reading: Reading, f: Filter) -> Row:
    firms = f.party(Where().add("p.kind = 'firm'"), "p")
    asked = f.whose(Where().add("as_of = ?", f.latest(reading, "offer")), "party_id")
    lent = f.whose(Where(), "party_id")
    if f.product:
        asked.add("product_id = ?", f.product)
        lent.add("product_id = ?", f.product)
    return {
        **reading.one("SELECT count(*) AS firms FROM party p{where}", firms),
        **reading.one(
            "SELECT count(*) AS projects, count(*) FILTER (amount > 0) AS offered,"
            " coalesce(sum(amount), 0) AS amount FROM offer{where}",
            asked,
        ),
        **reading.one(
            "SELECT count(*) AS loans, coalesce(sum(amount), 0) AS lent FROM loan{where}",
            lent,
        ),
    }


def _firms(reading: Reading, f: Filter) -> list[Row]:
    where = f.party(Where().add("p.kind = 'firm'"), "p")
    return reading.rows(
        "SELECT p.party_id, p.name, p.name_en, p.industry, p.size_class, p.annual_revenue, s.grade"
        " FROM party p LEFT JOIN (SELECT * FROM score WHERE as_of = ?) s USING (party_id)"
        "{where} ORDER BY p.annual_revenue DESC NULLS LAST, p.party_id LIMIT 10",
        f.latest(reading, "score"), where,
    )  # fmt: skip
