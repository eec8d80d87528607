"""Regions through time: figures of changed regions told for the division of one day."""

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import empty, sort_by_key
from liandong.schema.divisions import CHANGES, Change
from liandong.schema.provinces import NATION, PROVINCES
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import Reasons

WHOLE = 1_000_000
_YEAR = re.compile(r"(\d{4})(?:Q([1-4])|-(\d\d))?")
Place = tuple[str, str, str]
"""Period, measure and vintage of a figure."""


class AlignRule(Rule):
    """Which regions figures are told for.

    Attributes
    ----------
    on
        The division of this day; None, the newest that is known.
    additive
        Measures that are sums, and may be put together and dealt out. Of any other measure a
        region that changed more than its code has no figure.
    """

    on: date | None = None
    additive: tuple[str, ...] = ("gdp", "population")


class _Figure(NamedTuple):
    row: int
    region: str
    value: float
    unit: str


Told = dict[str, date]
"""The last day of the earliest period that each code is told for, in one series."""
Came = tuple[_Figure, float, bool]
"""A figure, the part of it that came, and whether only the code is new."""
Fault = list[dict[str, object]]


class Aligned(NamedTuple):
    """Figures of the division of one day, and those that have no place in it."""

    stat: pa.Table
    faults: pa.Table


@fold(
    reads=("region_stat", "region", "region_change"),
    writes=("aligned_stat", "align_fault"),
    rule=AlignRule,
)
def align(tables: Tables, rule: AlignRule) -> Tables:
    """Tell all statistics for the regions of one day.

    Well-known changes of codes and those of table ``region_change`` are gone through in the order
    of their days. What a region had goes to those that got its parts; ``apportioned`` says how much
    of a figure came from other codes, and the remarks from which. A figure stays in
    ``align_fault``, with what to do about it, if its code is unknown, if the shares of a split are
    not known or do not add up, if the measure is no sum, or if a figure that it must be added to is
    missing: nothing is filled in.
    """
    found = aligned(tables, rule.on, rule.additive)
    return {"aligned_stat": found.stat, "align_fault": found.faults}


def aligned(tables: Tables, on: date | None, additive: Iterable[str]) -> Aligned:
    """Return what :func:`align` writes, from the same tables."""
    ways, region = _Ways(_changes(tables["region_change"], on)), tables["region"]
    known = set(region["region_id"].to_pylist()) or {NATION, *(p.adcode for p in PROVINCES)}
    rows = sort_by_key("region_stat", tables["region_stat"])
    rows = rows.append_column("row", pa.array(range(1, len(rows) + 1), pa.int64()))
    plain = pa.array(sorted(known - ways.touched), pa.string())
    as_they_are = pc.is_in(rows["region_id"], value_set=plain)
    by_place: dict[Place, list[_Figure]] = defaultdict(list)
    told: dict[tuple[str, str], Told] = defaultdict(dict)
    for r in rows.filter(pc.invert(as_they_are)).to_pylist():
        place = (r["period"], r["measure"], r["vintage"])
        by_place[place].append(_Figure(r["row"], r["region_id"], r["value"], r["unit"]))
        first = told[place[1:]]
        day = _last_day(place[0]) or date.max
        first[r["region_id"]] = min(day, first.get(r["region_id"], date.max))
    good: list[dict[str, object]] = []
    bad: list[dict[str, object]] = []
    for place, figures in by_place.items():
        sums = place[1] in frozenset(additive)
        for out in _placed(place, figures, ways, told[place[1:]], known, sums=sums):
            (bad if "row" in out else good).append(out)
    kept = _kept(rows.filter(as_they_are))
    stat = pa.concat_tables([kept, _table("aligned_stat", good)])
    return Aligned(sort_by_key("aligned_stat", stat), _table("align_fault", bad))


def _kept(rows: pa.Table) -> pa.Table:
    names = ("region_id", "period", "measure", "vintage", "value", "unit")
    zeros = pa.repeat(0, len(rows))
    return output("aligned_stat", **{n: rows[n] for n in names}, apportioned=zeros,
                  remarks=Reasons(len(rows)).column())["aligned_stat"]  # fmt: skip


def _table(name: str, rows: list[dict[str, object]]) -> pa.Table:
    if not rows:
        return empty(name)
    return sort_by_key(name, output(name, **{n: [r[n] for r in rows] for n in rows[0]})[name])


def _changes(table: pa.Table, on: date | None) -> dict[str, list[Change]]:
    """Return all changes up to a day by old code; the table counts where it speaks of a code."""
    own = [Change(r["old_id"], r["new_id"], r["changed_on"], r["share"], r["kind"])
           for r in sort_by_key("region_change", table).to_pylist()]  # fmt: skip
    told = {c.old for c in own}
    found: dict[str, list[Change]] = defaultdict(list)
    for c in [*(c for c in CHANGES if c.old not in told), *own]:
        if on is None or c.on <= on:
            found[c.old].append(c)
    return found


class _Ways:
    """Where the parts of each region went.

    Parameters
    ----------
    changes
        By old code.

    Attributes
    ----------
    givers
        By code: who else gave it something, and on which day.
    touched
        All codes that changes name.
    """

    def __init__(self, changes: dict[str, list[Change]]) -> None:
        self.changes = changes
        self.givers: dict[str, Told] = defaultdict(dict)
        for old, mine in changes.items():
            for new, _, _ in self.parts(old, None):
                if new != old:
                    self.givers[new][old] = min(c.on for c in mine)
        self.touched = changes.keys() | self.givers.keys()

    def parts(
        self, region: str, until: date | None, after: date = date.min
    ) -> Iterator[tuple[str, float | None, bool]]:
        """Yield who got a part, how much of it (None: unknown), and whether only the code is new.

        A region that lives on with less is cut only in figures from before: ``until`` is the last
        day of their period.
        """
        later = [c for c in self.changes.get(region, ()) if c.on > after]
        day = min((c.on for c in later), default=date.min)
        mine = [c for c in later if c.on == day]
        lives_on = any(c.new == region for c in mine)
        if not mine or (lives_on and until is not None and until >= day):
            yield region, 1.0, True
            return
        shares = [c.share for c in mine]
        sound = None not in shares and sum(s or 0 for s in shares) == WHOLE
        for c in mine:
            for new, share, code in self.parts(c.new, until, c.on):
                part = None if share is None or not sound else share * (c.share or 0) / WHOLE
                yield new, part, code and c.kind == "rename"

    def lacking(self, new: str, there: set[str], until: date | None, told: Told) -> list[str]:
        """Return codes that a region's figure must hold, told in other periods and not in this."""
        givers = {old: day for old, day in self.givers[new].items() if old in told}
        wanted = {old for old, day in givers.items() if until is not None and until < day}
        days = [day for old, day in givers.items() if old in wanted | there]
        if days and told.get(new, date.max) < max(days):
            wanted.add(new)
        return sorted(wanted - there)


def _last_day(period: str) -> date | None:
    """Return the last day of a year, quarter or month; None of any other period."""
    match = _YEAR.fullmatch(period)
    if not match:
        return None
    year = int(match[1])
    month = 3 * int(match[2]) if match[2] else int(match[3] or 12)
    return date(year, month, monthrange(year, month)[1]) if 1 <= month <= 12 else None


def _placed(
    place: Place, figures: list[_Figure], ways: _Ways, told: Told, known: set[str], *, sums: bool
) -> Iterator[dict[str, object]]:
    """Yield the figures of one period and measure as rows; those of faults name their row."""
    until = _last_day(place[0])
    where = dict(zip(("period", "measure", "vintage"), place, strict=True))
    got: dict[str, list[Came]] = defaultdict(list)
    wrong: dict[_Figure, Fault] = {}
    for f in figures:
        parts = list(ways.parts(f.region, until))
        if why := _fault(f, parts, known, sums=sums):
            wrong[f] = why
            continue
        for new, share, code in parts:
            got[new].append((f, share or 0.0, code))
    for new, came in _whole(got, wrong, until, ways, told):
        yield {"region_id": new, **where, **_sum(new, came)}
    for f, reasons in wrong.items():
        yield {"region_id": f.region, **where, "row": f.row, "value": f.value, "reasons": reasons}


def _whole(
    got: dict[str, list[Came]], wrong: dict[_Figure, Fault],
    until: date | None, ways: _Ways, told: Told,
) -> list[tuple[str, list[Came]]]:  # fmt: skip
    """Return the regions whose figures are complete; what belongs to others goes to the faults."""
    left, before = dict(got), len(got) + 1
    while len(left) < before:  # a part that is taken out may have belonged to several
        before = len(left)
        for new, came in list(left.items()):
            why = {f.region: reasons for f, reasons in wrong.items()}
            there = {f.region for f, _, _ in came}
            lacking = ways.lacking(new, there, until, told) + sorted(there & why.keys())
            if lacking or len({f.unit for f, _, _ in came}) > 1:
                codes = [
                    r
                    for region in lacking
                    for r in why.get(region) or _told("align.incomplete", region)
                ]
                for f, _, _ in came:
                    wrong.setdefault(f, codes or _told("align.units"))
                del left[new]
    return list(left.items())


def _told(code: str, *regions: str) -> Fault:
    codes = [f"{code}({r})" for r in regions] or [code]
    return [{"code": c, "points": 0} for c in codes]


def _fault(
    f: _Figure, parts: list[tuple[str, float | None, bool]], known: set[str], *, sums: bool
) -> Fault:
    unknown = sorted({new for new, _, _ in parts} - known)
    if unknown:
        return _told("align.unknown", *unknown)
    if any(share is None for _, share, _ in parts):
        return _told("align.no_shares", f.region)
    if not sums and not all(code for _, _, code in parts):
        return _told("align.no_sum")
    return []


def _sum(new: str, came: list[Came]) -> dict[str, object]:
    values = [f.value * share for f, share, _ in came]
    total = sum(values)
    moved = [(f.region, v) for (f, _, code), v in zip(came, values, strict=True)
             if f.region != new and not code]  # fmt: skip
    shares = [(r, round(abs(v / total) * WHOLE) if total else 0) for r, v in moved]
    return {
        "value": total,
        "unit": came[0][0].unit,
        "apportioned": min(sum(s for _, s in shares), WHOLE),
        "remarks": [{"code": f"align.came({r})", "points": s} for r, s in shares],
    }
