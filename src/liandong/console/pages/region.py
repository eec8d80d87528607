"""One region on one page: eight blocks, each number with its rows; and what lies behind them."""

from typing import Any

from liandong.console.filters import Filter, region_prefix
from liandong.console.links import missing
from liandong.console.pages.alerts import by_level, latest
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.regional import chapters, course, dates
from liandong.console.tiles import tiles
from liandong.errors import NotFoundError
from liandong.schema.tables import TABLES
from liandong.texts import both

BLOCKS = (
    "course", "movers", "gaps", "convergence", "peers", "standings", "makes", "could", "chain",
    "inputs", "chokepoints", "reach", "served", "money", "sectors", "partners", "cooperations",
    "dates", "changes", "stats", "firms", "map",
)  # fmt: skip
"""Lists that can be had as files."""

_NEWEST = """
SELECT s.*, r.level, rank() OVER w AS rank, count(*) OVER w AS among
FROM (SELECT * FROM region_stat QUALIFY row_number() OVER (PARTITION BY region_id, measure
  ORDER BY period DESC, vintage DESC) = 1) s JOIN region r USING (region_id)
WINDOW w AS (PARTITION BY r.level, s.measure ORDER BY s.value DESC
  RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
"""
"""The newest statistic of each measure with its rank among the regions of the level."""
_SHOWN = "a.alert_id, a.known_from, a.level, a.party_id, a.last_at, a.stands_in"
"""What the page says of an alert."""
_BEHIND = ("score", "offer", "alert", "party")
"""Tables of what lies behind the blocks."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the blocks of a region as lists, what its firms are, and where all of it comes from.

    Raises
    ------
    NotFoundError
        If the board does not know the region.
    """
    adcode = query.text("adcode")
    reading.keep("of_regions", "SELECT * FROM region")
    place = reading.first("SELECT * FROM of_regions WHERE region_id = ?", adcode)
    if place is None:
        raise _gone(reading, adcode)
    f = Filter.of(Query({**query.given, "region": adcode}))
    reading.keep("region_newest", _NEWEST)
    stats = reading.rows(
        "SELECT * EXCLUDE (level) FROM region_newest WHERE region_id = ? ORDER BY measure", adcode
    )
    known = dates.dates(reading, stats)
    return {
        "region": place,
        "parts": reading.rows(
            "SELECT region_id, name, name_en FROM of_regions WHERE parent_id = ? ORDER BY 1", adcode
        ),
        **_blocks(reading, place),
        "dates": known,
        "changes": dates.changes(reading, adcode),
        "stats": stats,
        "grades": _grades(reading, f),
        "offered": _offered(reading, f),
        "levels": by_level(reading, f),
        "alerts": latest(reading, f, 10, _SHOWN),
        "firms": _firms(reading, f, query.upto(10)),
        "sources": {r["table"]: r["runs"] for r in known} | {t: reading.source(t) for t in _BEHIND},
    }


def _gone(reading: Reading, adcode: str) -> NotFoundError:
    """Return the error of an unknown code; one that was changed names those of today."""
    error = missing("region", adcode, "/regions")
    if codes := dates.today(reading, adcode):
        remedy = both("advice.adcode_now", codes=", ".join(codes))
        error = NotFoundError(kind=TABLES["region"].label, name=adcode, remedy=remedy)
    return error


def _blocks(reading: Reading, place: Row) -> dict[str, Any]:
    """Return the blocks 1 to 7."""
    adcode, level = place["region_id"], place["level"]
    periods = course.course(reading, adcode)
    beside = course.peers(reading, level, periods)
    shown = {r["region_id"]: r["ratio"] for r in beside if level == "province"}
    return {
        "course": periods,
        "movers": course.movers(reading, level, periods),
        "gaps": course.gaps(reading),
        "convergence": course.convergence(reading),
        "peers": beside,
        "map": tiles(reading, shown or {f"{adcode[:2]}0000": 1.0}),
        **chapters.chapters(reading, adcode),
        "chokepoints": chapters.chokepoints(reading, adcode, region_prefix(adcode)),
    }


def _grades(reading: Reading, f: Filter) -> list[Row]:
    where = f.whose(Where().add("as_of = ?", f.latest(reading, "score")), "party_id")
    return reading.rows(
        "SELECT grade, count(*) AS count FROM score{where} GROUP BY grade ORDER BY grade",
        where,
    )


def _offered(reading: Reading, f: Filter) -> Row:
    asked = f.whose(Where().add("as_of = ?", f.latest(reading, "offer")), "party_id")
    if f.product:
        asked.add("product_id = ?", f.product)
    return reading.one(
        "SELECT count(*) AS projects, count(*) FILTER (amount > 0) AS offered,"
        " coalesce(sum(amount), 0) AS amount FROM offer{where}",
        asked,
    )


def _firms(reading: Reading, f: Filter, most: int) -> list[Row]:
    where = f.party(Where().add("p.kind = 'firm'"), "p")
    return reading.rows(
        "SELECT p.party_id, p.name, p.name_en, p.industry, p.size_class, p.annual_revenue, s.grade"
        " FROM party p LEFT JOIN (SELECT * FROM score WHERE as_of = ?) s USING (party_id)"
        "{where} ORDER BY p.annual_revenue DESC NULLS LAST, p.party_id LIMIT ?",
        f.latest(reading, "score"), where, most,
    )  # fmt: skip
