"""Home: the loop as seven stations with their numbers, the map, the latest alerts."""

from typing import Any

from liandong.console.filters import Filter
from liandong.console.pages.alerts import by_level, latest
from liandong.console.pages.loans import by_currency, keep_traced
from liandong.console.pages.regions import headline
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.tiles import tile_map
from liandong.console.tracing.sheets import methods

_USED = (
    "party", "score", "offer", "allocation", "entry", "loan", "alert", "holding", "gap",
    "region_stat", "load_error",
)  # fmt: skip


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the numbers of the stations, tiles, alerts and refused rows."""
    f = Filter.of(query)
    return {
        "assess": _assess(reading, f),
        "match": _match(reading, f),
        "settle": _settle(reading, f),
        "watch": by_level(reading, f),
        "trace": _trace(reading, f),
        "survey": headline(reading),
        "govern": _govern(reading),
        "map": tile_map(reading, f, query),
        "alerts": latest(reading, f, limit=8),
        "refused": reading.rows(
            "SELECT file, count(*) AS count FROM load_error GROUP BY file ORDER BY count DESC, file"
        ),
        "sources": {t: reading.source(t) for t in _USED},
    }


def _assess(reading: Reading, f: Filter) -> Row:
    firms = f.party(Where().add("p.kind = 'firm'"), "p")
    day = f.latest(reading, "score")
    scored = f.whose(Where().add("as_of = ?", day), "party_id")
    return {
        "as_of": day,
        "firms": reading.one("SELECT count(*) AS n FROM party p{where}", firms)["n"],
        "grades": reading.rows(
            "SELECT grade, count(*) AS count, round(avg(pd))::INT AS pd FROM score{where}"
            " GROUP BY grade ORDER BY grade",
            scored,
        ),
    }


def _match(reading: Reading, f: Filter) -> Row:
    day = f.latest(reading, "offer")
    where = f.whose(Where().add("as_of = ?", day), "party_id")
    if f.product:
        where.add("product_id = ?", f.product)
    made = reading.one(
        "SELECT count(*) AS projects, count(*) FILTER (amount > 0) AS accepted,"
        " coalesce(sum(amount), 0) AS allocated FROM offer{where}",
        where,
    )
    total = reading.first("SELECT budget, used, micro_used FROM allocation WHERE as_of = ?", day)
    return {"as_of": day, **made, **(total or {"budget": None, "used": None, "micro_used": None})}


def _settle(reading: Reading, f: Filter) -> Row:
    lent, booked = f.whose(Where(), "party_id"), f.whose(Where(), "a.owner_id")
    if f.on:
        lent.add("start <= ?", f.on)
        booked.add("e.event_time <= ?", f.on)
    if f.product:
        lent.add("product_id = ?", f.product)
        booked.add("e.agreement = ?", f.product)
    loans = reading.one(
        "SELECT count(*) AS loans, coalesce(sum(amount), 0) AS lent FROM loan{where}",
        lent,
    )
    entries = reading.one(
        "SELECT count(*) AS entries,"
        " coalesce(sum(e.amount) FILTER (e.unit = 'CNY'), 0) AS booked FROM entry e"
        " JOIN account a ON a.account_id = e.credit{where}",
        booked,
    )
    return {**loans, **entries}


def _trace(reading: Reading, f: Filter) -> Row:
    # Every rule follows the same money: it is counted under the first of them.
    where = f.whose(Where().add("h.method = ?", next(iter(methods(reading)), "")), "l.party_id")
    if f.product:
        where.add("l.product_id = ?", f.product)
    keep_traced(reading)
    sums = by_currency(reading, where)
    return {
        **{n: sum(s[n] for s in sums) for n in ("loans", "reconciled")},
        "sums": [
            {"currency": s["currency"], "traced": s["held"] + s["repaid"] + s["sink"]} for s in sums
        ],
    }


def _govern(reading: Reading) -> Row:
    cases = reading.one(
        "SELECT count(*) FILTER (state = 'open') AS open,"
        " count(*) FILTER (state = 'approved') AS approved FROM \"case\""
    )
    return {
        "runs": len(reading.runs),
        "acts": reading.state,
        "head": reading.held.log_head,
        **cases,
    }
