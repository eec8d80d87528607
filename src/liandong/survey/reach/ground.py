"""A network with its nodes, the people at them, and what it leaves out, by name."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.graphs.components import components
from liandong.survey.reach.rules import ReachRule
from liandong.texts import both

Int = NDArray[np.int64]
Small = NDArray[np.int32]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]


class Times(NamedTuple):
    """Who reaches whom, by origin: nodes, minutes, and for trains departure and changes."""

    origin: Int
    node: Int
    minutes: Float
    departs: Small | None = None
    changes: Small | None = None


@dataclass(frozen=True)
class Ground:
    """Nodes by id, and places by id that lie at them.

    Attributes
    ----------
    network
        ``road``, where nodes are places, or ``rail``, where they are stations.
    ids, region
        Of the nodes; null without a region.
    origin
        Nodes from which to look, rising.
    place
        Rows of ``place``.
    city
        Whether each place is a city of the size.
    node
        The node at which each place lies; -1 for none.
    idle
        Nodes that no leg or train could ever touch.
    ends
        The two ends of every leg, or others that hang together in the same way.
    lost
        Nodes and places that have no position.
    """

    network: Literal["road", "rail"]
    ids: pa.Array
    region: pa.Array
    origin: Int
    place: pa.Table
    city: Bool
    node: Int
    idle: Bool
    ends: tuple[Int, Int]
    lost: Bool

    @cached_property
    def weight(self) -> Int:
        """People at each node."""
        near = self.node >= 0
        people = self.place["weight"].to_numpy()[near]
        return summed(self.node[near], people, len(self.ids))

    @cached_property
    def cities(self) -> Int:
        """Cities at each node."""
        near = self.city & (self.node >= 0)
        return np.bincount(self.node[near], minlength=len(self.ids)).astype(np.int64)

    def index(self, times: Times) -> Int:
        """Return which of the origins each row of times is from."""
        return np.searchsorted(self.origin, times.origin)

    @cached_property
    def part(self) -> Int:
        """The first node of the part that each node belongs to."""
        return components(*self.ends, len(self.ids))

    @cached_property
    def main(self) -> int:
        """The part with the most people, then the most nodes, then the first; -1 without nodes."""
        if self.idle.all():
            return -1
        size = np.bincount(self.part, ~self.idle, len(self.ids))
        people = summed(self.part, self.weight, len(self.ids))
        return int(np.lexsort((-np.arange(len(size)), size, people))[-1])


def summed(group: Int, values: Int, groups: int) -> Int:
    """Return sums by group, exact."""
    out = np.zeros(groups, np.int64)
    np.add.at(out, group, values)
    return out


def city(place: pa.Table, rule: ReachRule) -> Bool:
    """Return which places are cities, whatever their size."""
    if not rule.kinds:
        return np.ones(len(place), bool)
    kinds = pa.array(rule.kinds, pa.string())
    return np.asarray(pc.is_in(place["kind"], value_set=kinds).to_numpy(), bool)


_UNKNOWN = {
    "place": ("fault.unknown_place", "advice.load_places"),
    "station": ("fault.unknown_station", "advice.load_stations"),
}


def numbers(column: pa.ChunkedArray, ids: pa.Array, file: str, kind: str) -> Int:
    """Return which of ``ids`` each value is.

    Raises
    ------
    DataError
        If one is not among them: the message names the first.
    """
    found = pc.index_in(column, value_set=ids)
    if found.null_count:
        name = column.filter(pc.is_null(found))[0].as_py()
        raise fault(file, *_UNKNOWN[kind], **{kind: name})
    return np.asarray(found.to_numpy(), np.int64)


def fault(file: str, code: str, remedy: str, **values: object) -> DataError:
    """Return the error about a table, in both languages."""
    return DataError(file=file, what=both(code, **values), remedy=both(remedy))


def positions(table: pa.Table) -> tuple[Float, Float]:
    """Return longitudes and latitudes, nan where there are none."""
    lon, lat = (pc.fill_null(table[c], float("nan")).to_numpy() for c in ("lon", "lat"))
    return lon, lat
