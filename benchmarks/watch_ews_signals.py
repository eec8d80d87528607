"""The early-warning signals as they are shipped, each a contestant of its own.

The steps ``watch.events``, ``watch.signals`` and ``watch.portfolio`` look at the region that is
judged once a month, at everything it tells: transfers, guarantees, arrears and payments that are
missed, too, which the log of the other contestants leaves out. Nothing is learnt and no threshold
is set here. P1 speaks of regions and sectors: it counts as an alert of each of their firms. Its
usual is that of the year before anybody is judged, since it looks once a month.
"""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import empty
from liandong.schema.tables.warnings import LEVELS
from liandong.step import Tables
from liandong.types import EPOCH
from liandong.watch import ChangeRule, PortfolioRule, SignalsRule, events, portfolio, signals
from liandong.watch.backtest.replay import Judged
from liandong.watch.windows.ledger import micros
from liandong.world.economy import Economy
from liandong.world.making import TABLES
from watch_region import WARM, WATCHED, of_firms

EVERY_DAYS = 30
CODES = ("T1", "T2", "L1", "J1", "U1", "H1", "C1", "G1", "F1", "F2", "A1", "R1", "P1")
YELLOW, ORANGE = 0, 1
"""Grades that a hit is above, to be that grave at least."""


def contestants(firms: int, seed: int, subjects: pa.Array) -> Iterator[tuple[str, Judged]]:
    """Yield each signal with the levels of all firms, month by month; last of all the gravest."""
    world = Economy(of_firms(firms, seed))
    needed = {*signals.reads, *events.reads} - {"watch_event"}
    tables = {n: TABLES[n](world) if n in TABLES else empty(n) for n in sorted(needed)}
    happened = events(*(tables[n] for n in events.reads))["watch_event"]
    tables["watch_event"] = pa.concat_tables([happened, TABLES["watch_event"](world)])
    told = _told(tables, int(world.months.first[-1]))
    levels = {code: _levels(told, code, tables["party"], subjects) for code in CODES}
    moments = np.unique(micros(told["at"]))
    every = np.maximum.reduce([level for code, level in levels.items() if code != "P1"])
    for code, level in {**levels, "any": every}.items():
        count = np.prod(level.shape)
        yield code, Judged(
            subjects, np.repeat(np.arange(len(subjects)), len(moments)),
            np.tile(moments, len(subjects)), np.ones(count, np.bool_), level.reshape(1, -1),
        )  # fmt: skip


def _told(tables: Tables, end: int) -> pa.Table:
    """Return the warnings of all months, whose last day is the one before ``end``."""
    last = EPOCH.date() + timedelta(days=end - 1)
    looks = WARM + WATCHED
    rule = SignalsRule(as_of=last, moments=looks, every_days=EVERY_DAYS, quiet=False)
    own = signals(*(tables[n] for n in signals.reads), rule=rule)["warning"]
    year = PortfolioRule(as_of=last, moments=1_000, p1=ChangeRule(baseline=WARM))
    return pa.concat_tables([own, portfolio(own, tables["party"], rule=year)["warning"]])


def _levels(told: pa.Table, code: str, party: pa.Table, subjects: pa.Array) -> np.ndarray:
    """Return the level of each firm at each moment, shape (firms, moments); 0 is none."""
    moments = np.unique(micros(told["at"]))
    rows = told.filter(pc.and_(pc.equal(told["code"], code), pc.is_valid(told["level"])))
    grade = 1 + pc.index_in(rows["level"], value_set=pa.array(LEVELS)).to_numpy()
    column = np.searchsorted(moments, micros(rows["at"]))
    found = np.zeros((len(subjects), len(moments)), np.uint8)
    if code != "P1":
        row = pc.fill_null(pc.index_in(rows["subject_id"], value_set=subjects), -1).to_numpy()
        known = row >= 0
        found[row[known], column[known]] = grade[known]
        return found
    cell = _cells(party, subjects)
    for name, k, g in zip(rows["subject_id"].to_pylist(), column, grade, strict=True):
        found[cell == name, k] = g
    return found


def _cells(party: pa.Table, subjects: pa.Array) -> np.ndarray:
    """Return what P1 calls the region and sector of each firm."""
    own = party.take(pc.index_in(subjects, value_set=party["party_id"]))
    region = pc.utf8_slice_codeunits(own["region_id"], 0, 2)
    sector = pc.utf8_slice_codeunits(own["industry"], 0, 1)
    names = pc.binary_join_element_wise("portfolio", region, sector, ":")
    return np.array(names.to_pylist(), dtype=object)
