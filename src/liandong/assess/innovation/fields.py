"""The fields that firms hold patents in, and how related they are to each other and to a region."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.scores.relatedness import balassa, coherence, density, proximity

Float = NDArray[np.float64]
Int = NDArray[np.int64]

PREFIX = "patents."
"""Measures of ``signal`` that count the patents of one subclass of the IPC: ``patents.H01L``."""


@dataclass(frozen=True)
class Portfolio:
    """Patents by firm and field.

    Attributes
    ----------
    ids
        The firms, ascending.
    province
        Two digits each, empty where unknown.
    fields
        The fields, ascending.
    count
        Shape (firms, fields).
    """

    ids: pa.Array
    province: list[str]
    fields: list[str]
    count: Float

    @classmethod
    def known(cls, signal: pa.Table, party: pa.Table, day: date) -> "Portfolio":
        """Return what all firms together held on a day, as far as it was known then."""
        rows = signal.filter(pc.starts_with(signal["measure"], PREFIX))
        # Without a day it was seen, a month counts once it is over.
        over = pc.less(rows["period"], pa.scalar(day.strftime("%Y-%m")))
        seen = pc.less_equal(rows["seen_at"], pa.scalar(day))
        rows = rows.filter(pc.coalesce(seen, over))
        ids, names = (pc.unique(rows[c]) for c in ("party_id", "measure"))
        ids, names = ids.take(pc.sort_indices(ids)), names.take(pc.sort_indices(names))
        count = np.zeros((len(ids), len(names)))
        at = (pc.index_in(rows["party_id"], value_set=ids).to_numpy(),
              pc.index_in(rows["measure"], value_set=names).to_numpy())  # fmt: skip
        # Patents are whole, so the order in which they are added up changes nothing.
        np.add.at(count, at, rows["value"].to_numpy())
        home = party["region_id"].take(
            pc.index_in(ids, value_set=party["party_id"].combine_chunks())
        )
        province = [r[:2] if r else "" for r in home.to_pylist()]
        return cls(ids, province, [n.removeprefix(PREFIX) for n in names.to_pylist()], count)

    def measures(self, firms: pa.Array) -> dict[str, Float]:
        """Return spread, nearness to the region and coherence of firms; NaN without patents."""
        near = proximity(self.count > 0)
        at = pc.index_in(firms, value_set=self.ids)
        here, mine = np.flatnonzero(at.is_valid()), pc.drop_null(at).to_numpy()
        found = {
            "invention_fields": _spread(self.count[mine]),
            "invention_near_region": self._near(mine, near),
            "invention_coherence": coherence(self.count[mine], near),
        }
        columns = {n: np.full(len(firms), np.nan) for n in found}
        for name, values in found.items():
            columns[name][here] = values
        return columns

    def _near(self, mine: Int, near: Float) -> Float:
        """Return the mean density of each firm's region around the fields of the firm.

        What a region is strong in is judged by the patents of its other firms: a firm's own would
        make every field of its own look related.
        """
        names = sorted({p for p in self.province if p})
        amount = np.zeros((len(names), len(self.fields)))
        for place, own in zip(self.province, self.count, strict=True):
            if place:
                amount[names.index(place)] += own
        found = np.full(len(mine), np.nan)
        for k, i in enumerate(mine):
            if self.province[i]:
                at = names.index(self.province[i])
                others = amount.copy()
                others[at] -= self.count[i]
                strong = balassa(others)[at : at + 1] > 1
                found[k] = density(strong, near)[0, self.count[i] > 0].mean()
        return found

    def main(self, ids: pa.Array) -> list[str | None]:
        """Return the field that each firm holds most patents in; the first among equals."""
        at = pc.index_in(ids, value_set=self.ids).to_pylist()
        return [None if i is None else self.fields[int(self.count[i].argmax())] for i in at]


def _spread(count: Float) -> Float:
    """Return Shannon's entropy of each firm's fields: 0 for one field, ln n for n equal ones."""
    part = count / count.sum(axis=1, keepdims=True)
    logs = np.log(part, out=np.zeros(part.shape), where=part > 0)
    return np.asarray(-(part * logs).sum(axis=1))
