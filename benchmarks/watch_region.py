"""A synthetic region as a watch sees it: what becomes known of its firms, and who defaults.

Everybody borrows, so that all of the firms can default; a year goes before, to fill windows that
look a year back. Nothing of the table ``truth`` is used, and nothing of what loans are paid: here
nobody pays late who does not default in the end, so an instalment that is missed would give the
answer away, 90 days before.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import build
from liandong.types import Rate
from liandong.watch.backtest.outcomes import DAY
from liandong.world import WorldRule
from liandong.world.economy import Economy
from liandong.world.making import TABLES

WARM, WATCHED = 12, 36
"""Months before anybody is judged, and months in which firms are."""
DAYS_A_YEAR = 365
SOURCES = {"declared_sales": "tax", "kwh": "utility", "insured": "staff"}
OF_EVENTS = ("lawsuit", "penalty")


class Region(NamedTuple):
    """A region.

    Attributes
    ----------
    log
        ``watch_event`` in order of time, each event at the time it became known.
    firms
        Ids of all firms.
    event
        Table ``event``, with the defaults.
    months
        First days of months, as microseconds, one more than there are.
    """

    log: pa.Table
    firms: pa.Array
    event: pa.Table
    months: np.ndarray


def of_firms(firms: int, seed: int) -> WorldRule:
    """Return the rule of such a world."""
    return WorldRule(firms=firms, months=WARM + WATCHED, seed=seed, borrowers=Rate(1_000_000))


def region(firms: int, seed: int) -> Region:
    """Make a region of so many borrowing firms."""
    world = Economy(of_firms(firms, seed))
    tables = {n: TABLES[n](world) for n in ("invoice", "signal", "event", "loan")}
    ids = world.cast.ids[:firms]
    months = world.months.first.astype(np.int64) * DAY
    invoices = tables["invoice"].filter(pc.equal(tables["invoice"]["status"], "valid"))
    rows = [
        _rows("invoice", invoices["seller"], invoices["date"], invoices["net"], invoices["buyer"]),
        *(_of_office(tables["signal"], n, kind) for n, kind in SOURCES.items()),
        *(_of_events(tables["event"], kind) for kind in OF_EVENTS),
        _rows("loan", *(tables["loan"][n] for n in ("party_id", "start", "amount"))),
        _lost(invoices, tables["event"]),
    ]
    found = pa.concat_tables(rows)
    found = found.filter(pc.is_in(found["subject_id"], value_set=ids))
    return Region(_log(found), ids, tables["event"], months)


def _rows(
    kind: str, subject: object, seen: object, amount: object, other: object = None
) -> pa.Table:
    found = {"subject_id": subject, "seen": pc.cast(seen, pa.date32()), "amount": amount}
    count = len(found["seen"])
    return pa.table({
        **found, "other_id": pa.nulls(count, pa.string()) if other is None else other,
        "kind": pa.repeat(kind, count),
    })  # fmt: skip


def _of_office(signal: pa.Table, measure: str, kind: str) -> pa.Table:
    """Return what an office says each month, in hundredths of its unit, when it says it."""
    found = signal.filter(pc.equal(signal["measure"], measure))
    value = pa.array(np.rint(found["value"].to_numpy() * 100).astype(np.int64))
    return _rows(kind, found["party_id"], found["seen_at"], value)


def _of_events(event: pa.Table, kind: str) -> pa.Table:
    found = event.filter(pc.equal(event["kind"], kind))
    return _rows(kind, found["party_id"], found["seen_at"], pc.fill_null(found["amount"], 0))


def _lost(invoices: pa.Table, event: pa.Table) -> pa.Table:
    """Tell sellers of customers that default: with what these bought in the year before."""
    gone = event.filter(pc.equal(event["kind"], "default")).select(["party_id", "at", "seen_at"])
    sold = invoices.select(["seller", "buyer", "date", "net"])
    both = sold.join(gone, keys="buyer", right_keys="party_id", join_type="inner")
    age = pc.subtract(both["at"].cast(pa.int32()), both["date"].cast(pa.int32()))
    both = both.filter(pc.and_(pc.greater(age, 0), pc.less_equal(age, DAYS_A_YEAR)))
    sums = both.group_by(["seller", "buyer", "seen_at"]).aggregate([("net", "sum")])
    sums = sums.sort_by([("seller", "ascending"), ("buyer", "ascending")])
    return _rows("lost", sums["seller"], sums["seen_at"], sums["net_sum"], sums["buyer"])


def _log(rows: pa.Table) -> pa.Table:
    """Return events in order of day, a microsecond after each other."""
    keys = [(n, "ascending") for n in ("seen", "subject_id", "kind", "other_id", "amount")]
    rows = rows.sort_by(keys).combine_chunks()
    day = rows["seen"].cast(pa.int32()).to_numpy().astype(np.int64)
    number = np.arange(len(day))
    at = pa.array(day * DAY + number - np.searchsorted(day, day)).cast(pa.timestamp("us", "UTC"))
    same = {n: rows[n] for n in ("subject_id", "other_id", "kind", "amount")}
    return build("watch_event", {
        **same, "event_id": pa.array(number).cast(pa.string()), "seq": number,
        "source": pa.repeat("region", len(day)), "at": at, "seen_at": at,
    })  # fmt: skip
