"""The ledger: accounts with their four counters, now or as of a day, money beside memo units."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liandong.console.booking import AsOf, names, places, shown
from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.schema.tables import TABLES
from liandong.schema.tables.ledger import COUNTERS

BLOCKS = ("totals", "rows")
"""What may be had as files of their own."""
CODES = TABLES["account"].field("code").choices


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return totals by class and unit, and a page of accounts, those first that moved most.

    Of a region are the accounts of its parties, and its own; totals are of all, or debits and
    credits would not be equal.
    """
    as_of = AsOf.of(query)
    every = reading.once(("balances", as_of), lambda: _balances(reading, as_of))
    units = sorted(pc.unique(every["unit"]).to_pylist())
    code, unit = query.choice("code", CODES), query.choice("unit", units)
    chosen = every
    for field, value in (("code", code), ("unit", unit)):
        chosen = chosen.filter(pc.equal(chosen[field], value)) if value else chosen
    if (owners := Filter.of(query).owner(Where(), "owner_id")).values:
        theirs = reading.rows("SELECT account_id FROM account{where}", owners)
        ids = pa.array([r["account_id"] for r in theirs], pa.string())
        chosen = chosen.filter(pc.is_in(chosen["account_id"], ids))
    if word := query.text("q"):
        chosen = chosen.filter(pc.match_substring(chosen["account_id"], word, ignore_case=True))
    rows = chosen.slice(query.offset, query.most).to_pylist()
    known = names(reading, [r["owner_id"] for r in rows])
    closed = reading.first("SELECT closed_to FROM ledger_state")
    return {
        "totals": _totals(every),
        "rows": [shown(r, **_named(r, known)) for r in rows],
        "total": len(chosen),
        "waiting": reading.one("SELECT count(*) AS n FROM reservation")["n"],
        "units": units,
        "places": places(reading),
        "chosen": {"code": code, "unit": unit, "event": as_of.event, "book": as_of.book},
        "closed_to": closed and closed["closed_to"],
        "sources": {t: reading.source(t) for t in ("account", "entry")},
    }


def _balances(reading: Reading, as_of: AsOf) -> pa.Table:
    """Return accounts that were touched with their counters, those first that moved most."""
    counted = reading.board.ledger.balances(event=as_of.event, book=as_of.written)
    account = reading.arrow("account")
    about = account.select(["account_id", "owner_id", "unit", "code", "capped"])
    found = counted.join(about, "account_id", join_type="inner", use_threads=False)
    sums = [pc.add(found[a], found[b]) for a, b in (COUNTERS[:2], COUNTERS[2:])]
    moved = pc.add(*sums)
    found = found.append_column("moved", moved).filter(pc.greater(moved, 0))
    return found.sort_by([("moved", "descending"), ("account_id", "ascending")])


def _totals(every: pa.Table) -> list[Row]:
    """Return the counters of each class and unit; in a unit debits equal credits."""
    sums = every.group_by(["unit", "code"], use_threads=False).aggregate(
        [("account_id", "count"), *((n, "sum") for n in COUNTERS)]
    )
    found = sums.rename_columns(["unit", "code", "accounts", *COUNTERS]).to_pylist()
    return [shown(r) for r in sorted(found, key=lambda r: (r["unit"], r["code"]))]


def _named(row: Row, known: dict[str, Row]) -> Row:
    party = known.get(row["owner_id"], {})
    return {"name": party.get("name"), "name_en": party.get("name_en")}
