"""Cells of a statistic: which party is in which, and what it adds there at most."""

import string
from collections.abc import Mapping, Sequence
from itertools import pairwise, product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.schema.provinces import PROVINCES
from liandong.schema.tables.parties import PARTY
from liandong.schema.tables.releasing import ATTRIBUTES

Ints = NDArray[np.int64]
Groups = Mapping[str, Sequence[str]]
"""By attribute of a party: codes, each of which stands for all that lies below it."""
SECTIONS = tuple(string.ascii_uppercase[:20])
"""The sections of GB/T 4754-2017, A to T."""


def listed(attribute: str) -> tuple[str, ...]:
    """Return the public list of an attribute's groups: provinces, sections, or what there is."""
    if attribute == "region_id":
        return tuple(p.adcode for p in PROVINCES)
    return SECTIONS if attribute == "industry" else PARTY.field(attribute).choices


def stem(attribute: str, code: str) -> str:
    """Return what the codes in a group begin with.

    Examples
    --------
    >>> stem("region_id", "310000"), stem("region_id", "100000"), stem("industry", "C26")
    ('31', '', 'C26')
    """
    if attribute != "region_id":
        return code
    return "" if code == "100000" else code[:2] if code[2:] == "0000" else code.removesuffix("00")


def apart(attribute: str, codes: Sequence[str]) -> bool:
    """Tell whether no code is in two groups."""
    stems = sorted(stem(attribute, c) for c in codes)
    return not any(b.startswith(a) for a, b in pairwise(stems))


def cells(groups: Groups) -> list[tuple[str, ...]]:
    """Return all cells, by the order of attributes and of their groups: also those of nobody."""
    return [*product(*(groups[a] for a in ATTRIBUTES if a in groups))]


def cell_of(party: pa.Table, groups: Groups) -> Ints:
    """Return the cell of each party; -1 for who is in none."""
    found = np.zeros(len(party), np.int64)
    for attribute in (a for a in ATTRIBUTES if a in groups):
        at = _group_of(party[attribute], attribute, groups[attribute])
        inside = (found >= 0) & (at >= 0)
        found = np.where(inside, found * len(groups[attribute]) + at, -1)
    return found


def _group_of(values: pa.ChunkedArray, attribute: str, codes: Sequence[str]) -> Ints:
    place = {stem(attribute, c): i for i, c in enumerate(codes)}
    coded = values.combine_chunks().dictionary_encode()
    of = [
        next((place[v[:n]] for n in range(len(v) + 1) if v[:n] in place), -1)
        for v in coded.dictionary.to_pylist()
    ]
    indices = pc.fill_null(coded.indices, len(of)).to_numpy(zero_copy_only=False)
    found: Ints = np.array([*of, -1], np.int64)[indices]
    return found


def totals(rows: pa.Table, measure: str | None, party: pa.Array) -> Ints:
    """Return by party the number of its rows, or the sum of a measure over them.

    A sum beyond 64 bits wraps around; whatever it is, it is clamped afterwards.
    """
    at = pc.index_in(rows["party_id"], value_set=party)
    known = pc.is_valid(at)
    values = np.ones(len(rows), np.int64)
    if measure is not None:
        values = pc.fill_null(pc.cast(rows[measure], pa.int64()), 0).to_numpy()
    found = np.zeros(len(party), np.int64)
    np.add.at(found, at.filter(known).to_numpy(), values[known.to_numpy(zero_copy_only=False)])
    return found
