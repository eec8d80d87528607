"""The people and firms behind a firm: what else they own, and what is known of them."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess.measures.events import counted, of_kinds, rows_of, troubled
from liandong.assess.measures.invoices import Columns, Float
from liandong.assess.measures.months import Int

BEHIND = ("owns", "controls", "directs")
"""Ties that put somebody behind a firm."""
CASES = ("default", "lawsuit", "enforcement", "listing", "penalty")
"""Events that speak against an owner."""
MANY = 200
"""Whoever is behind more firms than this (the state, a fund) makes no group of them."""


class Behind(NamedTuple):
    """Who is behind whom on a day: ``owner`` and ``firm`` are numbers among ``names``, in order."""

    names: pa.Array
    owner: Int
    firm: Int

    @classmethod
    def of(cls, edge: pa.Table, as_of: date) -> "Behind":
        """Take the ties in force on ``as_of``."""
        day = pa.scalar(as_of)
        ended = pc.fill_null(pc.less(edge["valid_to"], day), fill_value=False)
        now = pc.and_not(pc.less_equal(edge["valid_from"], day), ended)
        rows = edge.filter(pc.and_(now, pc.is_in(edge["kind"], value_set=pa.array(BEHIND))))
        names = pc.unique(pa.chunked_array([*rows["src"].chunks, *rows["dst"].chunks], pa.string()))
        names = names.take(pc.sort_indices(names))
        src, dst = (rows_of(rows[c], names) for c in ("src", "dst"))
        pair = np.unique(src * len(names) + dst)
        pair = pair[pair // max(1, len(names)) != pair % max(1, len(names))]
        return cls(names, pair // max(1, len(names)), pair % max(1, len(names)))

    def sisters(self) -> tuple[Int, Int]:
        """Return all pairs of different firms that somebody is behind both of, each both ways."""
        size = np.bincount(self.owner, minlength=len(self.names))
        begin = np.concatenate([[0], np.cumsum(size)])[self.owner]
        size = size[self.owner]
        size[size > MANY] = 0
        one = np.repeat(np.arange(len(self.firm)), size)
        within = np.arange(len(one)) - np.repeat(np.cumsum(size) - size, size)
        other = self.firm[np.repeat(begin, size) + within]
        pair = np.unique(self.firm[one] * len(self.names) + other)
        one, other = pair // max(1, len(self.names)), pair % max(1, len(self.names))
        return one[one != other], other[one != other]

    def related(self) -> tuple[pa.Array, NDArray[np.int64]]:
        """Return names, and sorted codes ``a * len(names) + b`` of all related pairs, both ways."""
        one, other = self.sisters()
        width = len(self.names)
        pairs = [one * width + other, self.owner * width + self.firm]
        return self.names, np.unique(np.concatenate([*pairs, self.firm * width + self.owner]))


def owner_measures(behind: Behind, event: pa.Table, firms: pa.Array) -> Columns:
    """Return measures of those behind each firm; 0 where nothing is on record.

    Parameters
    ----------
    behind
        Who is behind whom.
    event
        What was known on the day.
    firms
        Ids of the firms in order.
    """
    bad = pc.is_in(behind.names, value_set=troubled(event)).to_numpy(zero_copy_only=False)
    cases = counted(of_kinds(event, CASES)["party_id"], behind.names)
    one, other = behind.sisters()
    row = rows_of(pa.chunked_array([behind.names]), firms)

    def added(firm: Int, value: Float) -> Float:
        here = row[firm] >= 0
        return np.bincount(row[firm][here], value[here], len(firms)).astype(np.float64)

    return {
        "sister_firms": added(one, np.ones(len(one))),
        "sister_trouble": added(one, bad[other].astype(np.float64)),
        "owner_cases": added(behind.firm, cases[behind.owner]),
    }


def age(party: pa.Table, firms: pa.Array, as_of: date) -> Float:
    """Return the years since each firm was founded; NaN where nobody knows."""
    founded = party["founded"].take(pc.index_in(firms, value_set=party["party_id"]))
    born = pc.cast(founded, pa.int32()).to_numpy()
    return np.asarray((np.datetime64(as_of).astype(np.int64) - born) / 365.25, np.float64)
