"""How far it is from place to place: as the crow flies, or by a table of travel."""

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.allocation.paths import UNREACHED, all_pairs
from liandong.kernels.places import legs
from liandong.texts import both

Int = NDArray[np.int64]
Near = NDArray[np.int32]
Float = NDArray[np.float64]
Measure = Literal["distance", "minutes"]


def distances(
    place: pa.Table, site: Int, travel: pa.Table, measure: Measure, *, through: bool
) -> Near:
    """Return how far it is from every place to every site.

    Parameters
    ----------
    place
        Rows of ``place``.
    site
        Rows of it that are sites.
    travel
        Rows of ``travel``; none: great circles.
    measure
        ``distance`` in metres or ``minutes``, which are returned in seconds.
    through
        Whether ways may lead over several legs of ``travel``.

    Returns
    -------
    numpy.ndarray
        Shape (places, sites), int32; :data:`UNREACHED` where no way leads.

    Raises
    ------
    DataError
        If places have no position and there is no travel, or travel names unknown places, or its
        measure is missing.
    """
    if not len(travel):
        if measure == "minutes":
            raise _fault("travel", "fault.no_minutes", "advice.give_travel")
        return great_circles(place, site, "place_id")
    start, head, length = _legs(place, travel, measure)
    if through:
        return np.ascontiguousarray(all_pairs(start, head, length)[:, site])
    out = np.full((len(place), len(place)), UNREACHED, np.int32)
    np.fill_diagonal(out, 0)
    out[np.repeat(np.arange(len(place)), np.diff(start)), head] = length
    return np.ascontiguousarray(out[:, site])


def _fault(file: str, code: str, remedy: str, **values: object) -> DataError:
    return DataError(file=file, what=both(code, **values), remedy=both(remedy))


def great_circles(place: pa.Table, site: Int, key: str) -> Near:
    """Return great-circle distances in metres (haversine) from all rows to some.

    Parameters
    ----------
    place
        Rows with ``lon`` and ``lat`` in degrees.
    site
        Rows of it.
    key
        Column that names a row without a position.

    Raises
    ------
    DataError
        If a row has no position.
    """
    lost = pc.or_(pc.is_null(place["lon"]), pc.is_null(place["lat"])).to_numpy()
    if lost.any():
        first = place[key][int(np.argmax(lost))].as_py()
        raise _fault(
            key.removesuffix("_id"), "fault.no_position", "advice.give_travel", place=first
        )
    lon, lat = (place[c].to_numpy() for c in ("lon", "lat"))
    out = np.empty((len(place), len(site)), np.int32)
    for i in range(len(place)):
        out[i] = np.rint(legs.great_circles(lon[i], lat[i], lon[site], lat[site]))
    return out


def _legs(place: pa.Table, travel: pa.Table, measure: Measure) -> tuple[Int, Int, Int]:
    """Return legs by place; a way told in one direction only goes both ways."""
    ids = place["place_id"].combine_chunks()
    ends = [pc.index_in(travel[c], value_set=ids) for c in ("src", "dst")]
    for column, end in zip(("src", "dst"), ends, strict=True):
        if end.null_count:
            name = travel[column].filter(pc.is_null(end))[0].as_py()
            raise _fault("travel", "fault.unknown_place", "advice.load_places", place=name)
    if travel[measure].null_count:
        row = travel.filter(pc.is_null(travel[measure])).slice(0, 1).to_pylist()[0]
        ways = {"src": row["src"], "dst": row["dst"], "measure": measure}
        raise _fault("travel", "fault.no_length", "advice.give_length", **ways)
    length = travel[measure].to_numpy()
    if measure == "minutes":
        length = np.rint(length * 60)
    src, dst = (e.to_numpy().astype(np.int64) for e in ends)
    start, head, far = legs.both_ways(src, dst, length.astype(np.float64), len(place))
    return start, head, far.astype(np.int64)
