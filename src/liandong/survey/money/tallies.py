"""Sums by place and industry, and how they roll up: county, city, province, nation."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.provinces import NATION
from liandong.schema.tables.regionmoney import WHOLE
from liandong.step.totals import must_fit, size

NOWHERE = "nowhere"
"""Of a party whose region is not known."""
Leaf = tuple[str, str]
"""A place as parties name it, and a section of industry (empty where it is not known)."""
Tally = dict[Leaf, int]
_NARROW, _WIDE = pa.decimal128(10, 0), pa.decimal128(19, 0)


class Moved(NamedTuple):
    """Money of one leaf that lies in a place."""

    home: Leaf
    place: str
    amount: int


class Places:
    """The regions that each place lies in, itself first.

    Parameters
    ----------
    region
        Table of regions; a place that it does not hold lies in the city and the province that its
        code says, as far as these are known.
    """

    def __init__(self, region: pa.Table) -> None:
        names = region["region_id"].to_pylist()
        self._parent = dict(zip(names, region["parent_id"].to_pylist(), strict=True))
        self._chains: dict[str, tuple[str, ...]] = {NOWHERE: (NATION,)}

    def chain(self, place: str) -> tuple[str, ...]:
        """Return the regions that a place lies in; the nation is the last."""
        if place not in self._chains:
            found = dict.fromkeys([place])
            if place not in self._parent:
                coded = (f"{place[:4]}00", f"{place[:2]}0000")
                found |= dict.fromkeys(c for c in coded if c in self._parent or c[2:] == "0000")
            above = self._parent.get(next(reversed(found)))
            while above and above not in found:
                found[above] = None
                above = self._parent.get(above)
            found.pop(NATION, None)
            self._chains[place] = (*found, NATION)
        return self._chains[place]

    def up(self, tally: Tally) -> Tally:
        """Add up a tally for all regions, by section and for all sections together."""
        found: Tally = defaultdict(int)
        for (place, section), value in tally.items():
            for region in self.chain(place):
                found[region, WHOLE] += value
                if section:
                    found[region, section] += value
        return found

    def crossing(self, moved: list[Moved]) -> dict[str, Tally]:
        """Tell for all regions what stays in them, goes out, and comes in.

        What lies in another county of the same province goes out of the county and stays in the
        province. What lies nobody knows where is ``goes_unknown``.
        """
        found: dict[str, Tally] = {
            n: defaultdict(int) for n in ("stays", "goes_out", "comes_in", "goes_unknown")
        }
        for (home, section), place, amount in moved:
            own, there = self.chain(home), self.chain(place)
            for region in own:
                way = "stays" if region in there else "goes_out"
                _add(found["goes_unknown" if place == NOWHERE else way], region, section, amount)
            for region in there:
                if region not in own:
                    _add(found["comes_in"], region, section, amount)
        return found


def _add(tally: Tally, region: str, section: str, amount: int) -> None:
    for part in {WHOLE, section or WHOLE}:
        tally[region, part] += amount


def leaves(party: pa.Table) -> pa.Table:
    """Return ``party_id``, ``place``, ``section``, ``kind``, ``annual_revenue`` of parties."""
    return pa.table({
        "party_id": party["party_id"],
        "place": pc.fill_null(party["region_id"], NOWHERE),
        "section": pc.fill_null(pc.utf8_slice_codeunits(party["industry"], 0, 1), ""),
        "kind": party["kind"],
        "annual_revenue": party["annual_revenue"],
    })  # fmt: skip


def placed(facts: pa.Table, leaf: pa.Table, by: str = "party_id") -> pa.Table:
    """Add ``place``, ``section``, ``kind`` and ``annual_revenue`` of a party to rows of facts."""
    found = facts.join(leaf, by, "party_id", join_type="left outer")
    for name, empty in (("place", NOWHERE), ("section", ""), ("kind", "")):
        at = found.column_names.index(name)
        found = found.set_column(at, name, pc.fill_null(found[name], empty))
    return found


def counted(facts: pa.Table) -> Tally:
    """Count rows by place and section."""
    return _summed(facts.append_column("n", pa.repeat(1, len(facts))), "n")


def added(facts: pa.Table, column: str, file: str) -> Tally:
    """Add up amounts by place and section.

    Raises
    ------
    DataError
        If they are too large to be added up; ``file`` names the table.
    """
    must_fit(size(facts[column]), file)
    return _summed(facts, column)


def weighted(facts: pa.Table, amount: str, rate: str) -> Tally:
    """Add up products of amounts and rates exactly by place and section."""
    product = pc.multiply(pc.cast(facts[amount], _WIDE), pc.cast(facts[rate], _NARROW))
    return _summed(facts.append_column("product", product), "product")


def _summed(facts: pa.Table, column: str) -> Tally:
    found = facts.group_by(["place", "section"]).aggregate([(column, "sum")])
    columns = ("place", "section", f"{column}_sum")
    rows = zip(*(found[c].to_pylist() for c in columns), strict=True)
    return {(place, section): int(value or 0) for place, section, value in rows}


def ratios(over: Tally, under: Tally, scale: int) -> Iterator[tuple[Leaf, int]]:
    """Yield ratios in parts of ``scale``, halves up, where there is something to divide by."""
    for leaf, whole in under.items():
        if whole > 0:
            yield leaf, (2 * scale * over.get(leaf, 0) + whole) // (2 * whole)
