"""What the page of chains asks a board: industries, firms, regions, and who stops after whom."""

from datetime import date, timedelta
from typing import Any

from liandong.console.filters import Filter, region_prefix
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row

SHOWN = 50
"""Rows of a list."""
NEAR = 12
"""Suppliers and buyers drawn beside a firm, the largest ones; all of them are in the table."""
FLOWS = 60
"""Flows drawn between industries, the largest ones."""
DAYS = 365
_INDUSTRY = "substr(industry, 1, 3)"
_TRADED = (
    "SELECT seller, buyer, sum(net)::BIGINT AS amount, count(*) AS invoices FROM invoice"
    " WHERE status <> 'void' AND seller <> buyer AND date > {since} AND date <= {until} {more}"
    " GROUP BY seller, buyer HAVING sum(net) > 0"
)
"""Trade of a year by pair of parties."""
_FLOWED = (
    "WITH t AS ({traded}), firm AS (SELECT party_id, {industry} AS industry, region_id"
    " FROM party WHERE kind = 'firm' AND industry IS NOT NULL)"
    " SELECT a.industry AS src, b.industry AS dst, a.region_id AS seller_region,"
    " b.region_id AS buyer_region, sum(t.amount)::BIGINT AS amount"
    " FROM t JOIN firm a ON a.party_id = t.seller JOIN firm b ON b.party_id = t.buyer"
    " WHERE a.industry <> b.industry GROUP BY ALL"
)
"""The same between industries, by the regions of both."""


def chosen(f: Filter, party: str = "p") -> Where:
    """Return the condition that a firm lies in the chosen region and industry."""
    return f.party(Where(), party)


def chokepoints(reading: Reading, f: Filter, day: date | None, most: int) -> list[Row]:
    """Return the chokepoints of the day in the chosen region and industry."""
    return reading.rows(
        "SELECT k.*, p.name, p.name_en, p.region_id, p.industry FROM chokepoint k"
        " LEFT JOIN party p USING (party_id){where} ORDER BY k.rank LIMIT ?",
        chosen(f).add("k.as_of = ?", day), most,
    )  # fmt: skip


def summary(reading: Reading, day: date | None) -> list[Row]:
    """Return what was counted on the way to the network of the day."""
    return reading.rows("SELECT measure, value FROM chain_summary WHERE as_of = ?", day)


def industries(reading: Reading, f: Filter, day: date, most: int) -> dict[str, Any]:
    """Return industries by distance to final use, and the largest flows between them.

    Those of the chosen region, as seller or buyer; of all regions otherwise.
    """
    place = region_prefix(f.region) if f.region and ":" not in f.region else ""
    region = f"{place:0<6}" if place else "100000"
    stages = reading.rows(
        "SELECT industry, region_id, upstreamness, downstreamness, output FROM upstreamness"
        " WHERE source = 'invoice' AND region_id = ? AND upstreamness IS NOT NULL"
        " ORDER BY upstreamness DESC, industry",
        region,
    )
    flows = reading.rows(
        "SELECT src, dst, sum(amount)::BIGINT AS amount FROM {flowed}"
        " WHERE starts_with(seller_region, ?) OR starts_with(buyer_region, ?)"
        " GROUP BY ALL ORDER BY amount DESC, src, dst LIMIT ?",
        place, place, most, flowed=_flowed(reading, day),
    )  # fmt: skip
    held = reading.rows(
        f"SELECT {_INDUSTRY} AS industry, count(*) AS n FROM chokepoint k"  # noqa: S608
        " JOIN party p USING (party_id){where} GROUP BY 1",
        Filter(region=f.region).party(Where(), "p").add("k.as_of = ?", day),
    )
    count = {r["industry"]: r["n"] for r in held}
    return {
        "stages": [{**s, "chokepoints": count.get(s["industry"], 0)} for s in stages],
        "flows": flows,
    }


def _flowed(reading: Reading, day: date) -> str:
    """Return the name of the table of what flowed between industries in the year to a day."""
    name = f"industry_flow_{day:%Y%m%d}"
    since, until = (f"DATE '{d}'" for d in (day - timedelta(days=DAYS), day))
    traded = _TRADED.format(since=since, until=until, more="")
    reading.keep(name, _FLOWED.format(traded=traded, industry=_INDUSTRY))
    return name


def node(reading: Reading, firm: str, day: date, most: int) -> dict[str, Any]:
    """Return one firm: its place, why it is a chokepoint, its ties, and who stops after it."""
    named = "SELECT {kept} FROM {source} x LEFT JOIN party p ON p.party_id = x.{who} "
    around = {
        side: reading.rows(
            f"SELECT t.{side} AS party_id, p.name, p.name_en, p.kind, {_INDUSTRY} AS industry,"  # noqa: S608
            f" p.region_id, t.amount, t.invoices FROM ({_TRADED}) t"
            f" LEFT JOIN party p ON p.party_id = t.{side} ORDER BY t.amount DESC, 1 LIMIT ?",
            day - timedelta(days=DAYS), day, firm, most,
            since="?", until="?", more=f"AND {mine} = ?",
        )
        for side, mine in (("seller", "buyer"), ("buyer", "seller"))
    }  # fmt: skip
    return {
        "firm": reading.first(
            "SELECT n.*, p.name, p.name_en FROM chain_node n LEFT JOIN party p USING (party_id)"
            " WHERE n.party_id = ? AND n.as_of = ?",
            firm, day,
        ),
        "choke": reading.first(
            "SELECT * FROM chokepoint WHERE party_id = ? AND as_of = ?", firm, day
        ),
        "ties": reading.rows(
            named + "WHERE x.party_id = ? AND x.as_of = ? ORDER BY x.amount DESC, x.buyer_id",
            firm, day, source="chain_tie", who="buyer_id",
            kept="x.*, p.name AS buyer, p.name_en AS buyer_en",
        ),
        "ripple": reading.rows(
            named + "WHERE x.party_id = ? AND x.as_of = ? ORDER BY x.day, x.stopped_id",
            firm, day, source="ripple", who="stopped_id",
            kept="x.*, p.name AS stopped, p.name_en AS stopped_en",
        ),
        "suppliers": around["seller"],
        "buyers": around["buyer"],
        "neighbours": [{"side": side, **r} for side, rows in around.items() for r in rows],
    }  # fmt: skip


def regions(reading: Reading, f: Filter, day: date) -> dict[str, list[Row]]:
    """Return the matrix of regions, each region's dependence, and the chosen region's inputs."""
    place = f.region if ":" not in f.region else ""
    return {
        "regions": reading.rows(
            "SELECT * FROM chain_region WHERE as_of = ? ORDER BY bought DESC, region_id", day
        ),
        "matrix": reading.rows(
            "SELECT * FROM region_tie WHERE as_of = ? ORDER BY region_id, other_id", day
        ),
        "inputs": reading.rows(
            "SELECT i.*, p.name AS supplier, p.name_en AS supplier_en FROM region_input i"
            " LEFT JOIN party p ON p.party_id = i.supplier_id WHERE i.as_of = ?"
            " AND i.region_id = ? ORDER BY i.amount DESC, i.industry",
            day, place,
        ),
    }  # fmt: skip


def tables(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the upstreamness of one table of industries, and which tables there are."""
    every = reading.rows(
        "SELECT DISTINCT source, period, vintage, CASE WHEN source = 'invoice' AND"
        " region_id <> '100000' THEN '' ELSE region_id END AS region_id FROM upstreamness"
        " ORDER BY source, period DESC, vintage, region_id"
    )
    names = [_name(r) for r in every if r["region_id"]]
    wanted = query.choice("table", names, names[0] if names else "")
    shown = next((r for r in every if _name(r) == wanted), None)
    rows = [] if shown is None else reading.rows(
        "SELECT u.*, s.name, s.name_en FROM upstreamness u LEFT JOIN sector_name s"
        " USING (industry, vintage) WHERE u.source = ? AND u.period = ? AND u.vintage = ?"
        " AND u.region_id = ? ORDER BY u.upstreamness DESC NULLS LAST, u.industry",
        shown["source"], shown["period"], shown["vintage"], shown["region_id"],
    )  # fmt: skip
    return {"tables": names, "table": wanted, "upstreamness": rows}


def _name(row: Row) -> str:
    return f"{row['region_id']} · {row['period']} · {row['vintage']}"
