"""Figures of cases as cells, and their margins: each told total before the sum of its parts."""

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import NamedTuple

from liandong.schema.tables.statistics import ALL_KINDS, ALL_LEVELS, FIGURES
from liandong.step import Tables

WHOLE = "100000"
"""The country; also where own cases are counted of which no place is known."""
Counts = tuple[int, ...]
Cells = Mapping[tuple[str, str], Counts]
"""The counts of one region and month, by type and level."""


class Figures(NamedTuple):
    """All figures of one source.

    Attributes
    ----------
    cells
        By region and month; the newest vintage of each cell.
    revised
        Cells whose newest vintage differs from one before, by region.
    reported
        Whether they were reported: of a month without a report nothing is known, while a month
        without own cases has none.
    """

    cells: Mapping[tuple[str, str], Cells]
    revised: Mapping[str, int]
    reported: bool

    @property
    def months(self) -> list[str]:
        """From the first month to the last one, without a gap."""
        told = [m for _, m in self.cells]
        return month_range(min(told), max(told)) if told else []

    @property
    def regions(self) -> list[str]:
        """The regions that have figures."""
        return sorted({r for r, _ in self.cells})

    @property
    def parts(self) -> list[str]:
        """What makes up the whole: its own report, or else the regions that lie in no other one."""
        own = self.regions
        if self.reported and WHOLE in own:
            return [WHOLE]
        return [r for r in own if not any(a in own for a in _above(r))]

    def counts(self, region: str, month: str, kind: str, level: str) -> Counts | None:
        """Return the counts of a region in a month; None if it reported nothing of that month."""
        cells = self.cells.get((region, month), None if self.reported else {})
        return None if cells is None else margin(cells, kind, level)


def read_figures(tables: Tables, source: str, as_known: str = "") -> Figures:
    """Return the figures of a source.

    Parameters
    ----------
    as_known
        Only reports of this vintage or an earlier one; empty takes all.
    """
    rows = tables["case_report" if source == "reported" else "case_tally"].to_pylist()
    found: dict[tuple[str, str], dict[tuple[str, str], Counts]] = {}
    revised: dict[str, int] = {}
    for r in sorted(rows, key=lambda r: str(r.get("vintage", ""))):
        if as_known and str(r.get("vintage", "")) > as_known:
            continue
        cells = found.setdefault((r["region_id"], r["month"]), {})
        key, counts = (r["kind"], r["level"]), tuple(r[n] for n in FIGURES)
        if cells.get(key, counts) != counts:
            revised[r["region_id"]] = revised.get(r["region_id"], 0) + 1
        cells[key] = counts
    return Figures(found, revised, source == "reported")


def margin(cells: Cells, kind: str, level: str) -> Counts:
    """Return the counts of a type and level in cells that may hold totals, parts, or both.

    A total that is told counts as it is; otherwise it is the sum of parts, of types first. What a
    region that told something did not tell is nothing.

    Examples
    --------
    >>> cells = {("gifts", "all_levels"): (3, 4, 2), ("travel", "all_levels"): (1, 1, 1)}
    >>> margin(cells, "all_kinds", "all_levels")
    (4, 5, 3)
    """
    for kinds, levels in product(_ways(kind, ALL_KINDS), _ways(level, ALL_LEVELS)):
        found = [c for (k, lv), c in cells.items() if kinds(k) and levels(lv)]
        if found:
            return summed(found)
    return (0,) * len(FIGURES)


def differs(cells: Cells) -> bool:
    """Tell whether a total that is told is not the sum of the parts that are told."""
    total = cells.get((ALL_KINDS, ALL_LEVELS))
    parts = {n: c for n, c in cells.items() if n != (ALL_KINDS, ALL_LEVELS)}
    return total is not None and bool(parts) and margin(parts, ALL_KINDS, ALL_LEVELS) != total


def summed(counts: Iterable[Counts]) -> Counts:
    """Return the sums of counts, figure by figure."""
    return tuple(map(sum, zip(*counts, strict=True)))


def _ways(name: str, whole: str) -> list[Callable[[str], bool]]:
    exact = [name.__eq__]
    return [*exact, whole.__ne__] if name == whole else [*exact]


def _above(region: str) -> list[str]:
    return [a for a in (region[:2] + "0000", region[:4] + "00") if a != region]


def month_range(first: str, last: str) -> list[str]:
    """Return all months between two, both of them included.

    Examples
    --------
    >>> month_range("2024-11", "2025-01")
    ['2024-11', '2024-12', '2025-01']
    """
    begin, end = (12 * int(m[:4]) + int(m[5:]) - 1 for m in (first, last))
    return [f"{k // 12:04}-{k % 12 + 1:02}" for k in range(begin, end + 1)]


def columns_of(rows: list[dict[str, object]], names: Iterable[str]) -> dict[str, object]:
    """Return rows as columns."""
    return {n: [r.get(n) for r in rows] for n in names}
