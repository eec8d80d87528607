"""Shares on record on a day as arrays, each between two ends; what is wrong with them is named."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.trace.owners.rules import WHOLE

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class Register:
    """Who holds what on a day.

    Attributes
    ----------
    ids
        All parties with a tie, in order.
    owner, company
        Numbers of the two ends of each tie; ties stand in the order of company and owner.
    low, high
        The share is at least and at most so much, ppm; 0 where the tie is control without shares.
    rules
        Whether the tie is control by itself.
    since, source
        From when the tie holds, and who says so.
    direct
        Sum of the shares on record by party, ppm: those known only within limits at their least.
    remarks
        By code: numbers of companies, points, and owners that the remark is about (or None).
    """

    ids: pa.Array
    owner: Int
    company: Int
    low: Int
    high: Int
    rules: Bool
    since: pa.Array
    source: pa.Array
    direct: Int
    remarks: list[tuple[str, Int, Int, Int | None]]

    @property
    def exact(self) -> bool:
        """Whether every share is known."""
        return bool((self.low == self.high).all())

    @property
    def topped(self) -> Bool:
        """Whether somebody is on record above each party."""
        found = np.zeros(len(self.ids), bool)
        found[self.company[self.owner != self.company]] = True
        return found


def register(edge: pa.Table, party: pa.Table, day: date) -> Register:
    """Read the ties of a day, the newest of each kind between two parties.

    A share that is below nothing or above the whole, or whose ends are in the wrong order, is
    refused: it counts as not on record, and its company has a remark. So is what is told more
    often than there is: where the shares of a company exceed the whole, nobody can say whose is
    wrong, and each is only certain as far as the others leave room for it.
    """
    rows = _in_force(edge, day)
    ids = _ids(rows)
    owner, company = (_numbers(rows[c], ids) for c in ("src", "dst"))
    rules = pc.equal(rows["kind"], "controls").to_numpy()
    low, high = _ends(rows, rules)
    wrong = ~rules & ((low < 0) | (high > WHOLE) | (low > high))
    open_ends = ~rules & ~wrong & (low < high)
    remarks: list[tuple[str, Int, Int, Int | None]] = [
        ("trace.owners_refused", company[wrong], low[wrong], owner[wrong]),
        ("trace.owners_band", company[open_ends], high[open_ends], owner[open_ends]),
    ]
    keep = ~wrong & (rules | (high > 0))
    owner, company, low, high, rules = (a[keep] for a in (owner, company, low, high, rules))
    direct = np.bincount(company, low, len(ids)).astype(np.int64)
    excess = np.maximum(direct - WHOLE, 0)
    over = np.flatnonzero(excess)
    itself = owner == company
    strange = ~pc.is_in(ids, value_set=party["party_id"].combine_chunks()).to_numpy(
        zero_copy_only=False
    )
    remarks += [
        ("trace.owners_over", over, excess[over], None),
        ("trace.owners_itself", company[itself], high[itself], None),
        ("trace.owners_stranger", *(a[strange[owner]] for a in (company, high, owner))),
    ]
    low, high = _within(low, high, rules, direct[company])
    since, source = (
        rows[c].combine_chunks().filter(pa.array(keep)) for c in ("valid_from", "source")
    )
    return Register(ids, owner, company, low, high, rules, since, source, direct, remarks)


def _in_force(edge: pa.Table, day: date) -> pa.Table:
    """Return the newest tie of each kind between two parties, by company, owner and kind."""
    ended = pc.fill_null(pc.less(edge["valid_to"], pa.scalar(day)), fill_value=False)
    here = pc.and_not(pc.less_equal(edge["valid_from"], pa.scalar(day)), ended)
    here = pc.and_(here, pc.is_in(edge["kind"], value_set=pa.array(["owns", "controls"])))
    keys = ["dst", "src", "kind"]
    rows = edge.filter(here).sort_by([(k, "ascending") for k in (*keys, "valid_from")])
    if not len(rows):
        return rows
    same = np.ones(len(rows) - 1, bool)
    for key in keys:
        code = pc.rank(rows[key], "ascending", tiebreaker="dense").to_numpy()
        same &= code[1:] == code[:-1]
    return rows.filter(pa.array(np.append(~same, True)))


def _ids(rows: pa.Table) -> pa.Array:
    ends = pa.chunked_array([*rows["src"].chunks, *rows["dst"].chunks], pa.string())
    return pc.unique(ends).sort()


def _numbers(column: pa.ChunkedArray, ids: pa.Array) -> Int:
    return np.asarray(pc.index_in(column, value_set=ids).to_numpy(), np.int64)


def _ends(rows: pa.Table, rules: Bool) -> tuple[Int, Int]:
    """Return the least and the greatest share of each tie: a known one is both."""
    found = []
    for name, absent in (("share_low", 0), ("share_high", WHOLE)):
        known = pc.coalesce(rows["share"], rows[name], pa.scalar(absent, pa.int32()))
        found.append(np.where(rules, 0, known.to_numpy().astype(np.int64)))
    return found[0], found[1]


def _within(low: Int, high: Int, rules: Bool, told: Int) -> tuple[Int, Int]:
    """Return the ends of each share that the other shares of the company leave possible."""
    room = WHOLE - (told - low)
    least = np.where(told > WHOLE, np.maximum(low - (told - WHOLE), 0), low)
    most = np.where(told > WHOLE, high, np.minimum(high, room))
    return least, np.where(rules, 0, most)
