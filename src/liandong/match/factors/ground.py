"""From tables of places and travel to the problem of where to open sites, and its faults."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.allocation.loads import Load
from liandong.kernels.allocation.paths import UNREACHED
from liandong.kernels.allocation.pmedian import ENDLESS, Field
from liandong.match.factors.network import distances
from liandong.match.factors.rules import LocateRule
from liandong.match.factors.sites import MOST, Siting, lexical
from liandong.step import Tables
from liandong.texts import both

Int = NDArray[np.int64]


@dataclass(frozen=True)
class Ground:
    """Places in the order of their ids, and the problem made of them.

    Attributes
    ----------
    place
        Rows of ``place``.
    site
        Rows of it that are sites.
    weight
        People by place.
    plain
        What lies between them, without caps.
    problem
        What is to be solved.
    nowhere
        The distance that stands for no way at all.
    """

    place: pa.Table
    site: Int
    weight: Int
    plain: Field
    problem: Siting
    nowhere: int


def ground(tables: Tables, rule: LocateRule) -> Ground:
    """Return the problem of the rule on the places of the tables.

    Raises
    ------
    DataError
        If it cannot be solved: the message says why, and what to do.
    """
    place = tables["place"].sort_by("place_id").combine_chunks()
    must = pc.fill_null(place["must_open"], fill_value=False)
    site = np.flatnonzero(pc.or_(place["candidate"], must).to_numpy())
    fixed = np.flatnonzero(must.to_numpy()[site])
    weight = place["weight"].to_numpy()
    if not len(fixed) <= rule.sites <= len(site):
        counts = {"sites": rule.sites, "most": len(site), "least": len(fixed)}
        raise _fault("fault.too_many_sites", "advice.too_many_sites", **counts)
    if not weight.any():
        raise _fault("fault.nobody", "advice.nobody")
    far = distances(place, site, tables["travel"], rule.measure, through=rule.through)
    reached = far < UNREACHED
    top = int(far.max(where=reached, initial=0))
    far = np.where(reached, far, np.int32(top + 1))
    if float(weight.sum(dtype=float)) * (top + 2) > MOST / 4:
        raise _fault("fault.site_numbers", "advice.site_numbers")
    none = np.zeros_like(weight)
    plain = Field(far, weight, none, UNREACHED, top + 2)
    cap = UNREACHED if rule.cap is None else rule.cap
    capped = not reached.all() or rule.cap is not None
    field = lexical(plain, min(cap, top)) if capped else plain
    if rule.goal == "cover":
        field = plain._replace(weight=none, late=weight, cap=min(rule.radius or 0, top))
    load = _load(place.take(pa.array(site)), weight, rule, field) if rule.capacitated else None
    return Ground(place, site, weight, plain, Siting(field, fixed, rule.sites, load), top + 1)


def _fault(code: str, remedy: str, **values: object) -> DataError:
    return DataError(file="place", what=both(code, **values), remedy=both(remedy))


def _load(sites: pa.Table, weight: Int, rule: LocateRule, field: Field) -> Load:
    """Return sizes and rooms; a site without a capacity holds any number."""
    people = int(weight.sum())
    room = pc.fill_null(sites["capacity"], ENDLESS).to_numpy()
    most = int(np.minimum(np.sort(room)[-rule.sites :], people).sum())
    if most < people:
        counts = {"sites": rule.sites, "most": most, "people": people}
        raise _fault("fault.capacity_short", "advice.capacity_short", **counts)
    if weight.max() > room.max():
        counts = {"people": int(weight.max()), "most": int(room.max())}
        raise _fault("fault.capacity_single", "advice.capacity_single", **counts)
    dearest = int((field.weight * field.far + field.late).sum())
    # What does not fit weighs more than all distances, as far as numbers reach.
    toll = min(dearest + 1, (MOST - min(dearest, MOST // 2)) // people)
    return Load(weight, np.minimum(room, people), toll)
