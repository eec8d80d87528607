"""One loan: where its money went, reconciled, under every rule, along which paths, in circles."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from liandong.console.around import around
from liandong.console.links import missing
from liandong.console.pages.loans import keep_traced
from liandong.console.query import PAGE_ROWS, Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.tracing.layout import laid_out
from liandong.console.tracing.lots import DAY, Lot, read_lots
from liandong.console.tracing.paths import path_rows, paths
from liandong.console.tracing.sheets import (
    circles_of,
    flat_rules,
    legs_of,
    method_of,
    methods,
    reconciled,
    rule_table,
    stamp,
    with_owners,
)
from liandong.console.tracing.unroll import Unrolled, by_day, by_step

WAYS: dict[str, Callable[[Sequence[Lot]], Unrolled]] = {"step": by_step, "day": by_day}
"""Ways to unroll money."""
PATHS = 20
"""Paths shown; all of them are in the file."""
CIRCLES = 20
"""Circles shown; the legs of all of them are in the file."""
BLOCKS = ("bands", "paths", "rules", "legs")
"""Lists that may be had as files."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the loan, its flows and what is left of it where.

    Raises
    ------
    NotFoundError
        If there is no such loan.
    """
    loan_id, known = query.text("loan_id"), methods(reading)
    method, until = method_of(query, known), query.day("until")
    loan = reading.first(
        "SELECT l.*, p.name, p.name_en FROM loan l LEFT JOIN party p USING (party_id)"
        " WHERE loan_id = ?",
        loan_id,
    )
    if loan is None:
        raise missing("loan", loan_id, "/trace")
    keep_traced(reading)
    lots = read_lots(reading, method, loan_id, until)
    table = rule_table(reading, loan_id)
    whole = query.text("block") == "legs"
    circles = circles_of(reading, loan_id, query.most if whole else CIRCLES)
    traced = reading.first("SELECT * FROM traced WHERE method = ? AND loan_id = ?", method, loan_id)
    return {
        "loan": {**loan, "currency": traced and traced["currency"]},
        "around": around(reading, loan["party_id"]),
        "method": method,
        "methods": known,
        "until": until,
        "days": _days(reading, method, loan_id),
        "traced": traced,
        "sheet": reconciled(reading, method, loan_id),
        "holdings": _holdings(reading, lots),
        **drawn(reading, lots, query.choice("by", WAYS, "step"), (method, loan_id, until)),
        **_paths(lots, query),
        "table": table,
        "rules": flat_rules(table),
        "circles": circles,
        "legs": legs_of(circles["rows"]),
        **_evidence(reading, method, loan_id, until, query),
        "stamp": stamp(reading, method),
        "sources": {
            **{t: reading.source(t, method) for t in ("trail", "holding")},
            **{t: reading.source(t) for t in ("loan", "flow", "reconciliation")},
        },
    }


def _days(reading: Reading, method: str, loan_id: str) -> list[Row]:
    """Return the days on which money of the loan moved, with how much."""
    return reading.rows(
        "SELECT {day} AS day, count(*) AS moves, sum(amount) AS amount FROM trail t"
        " WHERE method = ? AND loan_id = ? GROUP BY 1 ORDER BY 1",
        method, loan_id, day=DAY.format(at="t.at"),
    )  # fmt: skip


def _holdings(reading: Reading, lots: list[Lot]) -> dict[str, Any]:
    """Return where the money is on the chosen day, the largest places first."""
    held: dict[str, int] = {}
    for lot in lots:
        if lot.left:
            held[lot.place] = held.get(lot.place, 0) + lot.left
    order = sorted(held, key=lambda p: (-held[p], p))
    rows = [{"place": p, "amount": held[p]} for p in order[:PAGE_ROWS]]
    return {
        "rows": with_owners(reading, rows),
        "places": len(held),
        "rest": sum(held[p] for p in order[PAGE_ROWS:]),
        "total": sum(held.values()),
    }


def drawn(reading: Reading, lots: list[Lot], way: str, key: tuple[object, ...]) -> dict[str, Any]:
    """Return the money unrolled, where its nodes and bands stand, and its bands as rows.

    Parameters
    ----------
    reading, lots
        The board and the lots of the loan.
    way
        One of :data:`WAYS`.
    key
        What names the lots on this board.
    """
    money = reading.once((way, *key), lambda: WAYS[way](lots))
    nodes = with_owners(reading, [n._asdict() for n in money.nodes])
    accounts = {lot.place: lot.dst for lot in lots}
    for n in nodes:
        n["account"] = accounts.get(n["place"], n["place"])
    return {
        "by": way,
        "flow": {**money._asdict(), "nodes": nodes, "bands": [b._asdict() for b in money.bands]},
        "picture": laid_out(money)._asdict(),
        "bands": _band_rows(money, nodes),
    }


def _band_rows(money: Unrolled, nodes: list[Row]) -> list[Row]:
    """Return the bands as rows: what a reader sees who does not see the picture."""
    rows = []
    for b in money.bands:
        source, target = nodes[b.source], nodes[b.target]
        first, last = money.columns[source["column"]] if money.columns else (None, None)
        rows.append({
            "column": target["column"], "first_day": first, "last_day": last,
            "source": source["place"], "target": target["place"], "amount": b.amount,
            "back": b.back, "stays": b.stays,
        })  # fmt: skip
    return rows


def _paths(lots: list[Lot], query: Query) -> dict[str, Any]:
    """Return the paths to one place, or to all, with what they add up to."""
    place, whole = query.text("place"), query.text("block") == "paths"
    found = paths(lots, place, None if whole else PATHS)
    return {
        "place": place,
        "paths": path_rows(found.found),
        "path_count": found.number,
        "path_shown": len(found.found),
        "path_total": found.total,
        "path_rest": found.rest,
    }


def _evidence(
    reading: Reading, method: str, loan_id: str, until: date | None, query: Query
) -> dict[str, Any]:
    """Return one page of the rows of the trail, those between two accounts in some days."""
    account, payee = query.text("account"), query.text("payee")
    first, last = query.day("from"), query.day("to") or until
    where = Where().add("t.method = ?", method).add("t.loan_id = ?", loan_id)
    if payee:
        where.add("t.dst_account = ?", payee)
        where.add("? = '' OR t.src_account = ?", account, account)
    elif account:
        where.add("t.src_account = ? OR t.dst_account = ?", account, account)
    day = DAY.format(at="t.at")
    if first:
        where.add(day + " >= ?", first)
    if last:
        where.add(day + " <= ?", last)
    total = "SELECT count(*) AS n, coalesce(sum(t.amount), 0) AS amount FROM trail t{where}"
    # The page is cut out first: only its rows need to be looked up among all transfers.
    return {
        "account": account,
        "payee": payee,
        "first": first,
        "last": last,
        "total": reading.one(total, where),
        "rows": reading.rows(
            "SELECT t.step, t.flow_id, t.at, t.src_account, t.dst_account, t.amount AS taint,"
            " f.amount, f.purpose, f.kind FROM (SELECT * FROM trail t{where}"
            " ORDER BY step, flow_id LIMIT ? OFFSET ?) t LEFT JOIN flow f USING (flow_id)"
            " ORDER BY t.step, t.flow_id",
            where, query.most, query.offset,
        ),
    }  # fmt: skip
