"""Supplier and buyer who are related: their invoices are no claims on a stranger."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.joint.control import control
from liandong.step import Tables

HALF = 500_000


def related(claim: pa.Table, tables: Tables, day: date, share: int) -> NDArray[np.bool_]:
    """Tell which claims are between related parties on a day.

    One holds at least ``share`` (ppm) of the other, or one party controls both, through others
    and together with them if need be.
    """
    edge, sides = tables["edge"], (claim["seller"], claim["buyer"])
    parties = pa.chunked_array([c for s in sides for c in s.chunks], pa.string())
    groups = control(edge, tables["party"], parties, day, HALF)
    seller, buyer = (groups.label[groups.of(side)] for side in sides)
    live = pc.and_(
        pc.less_equal(edge["valid_from"], pa.scalar(day)),
        pc.fill_null(pc.greater_equal(edge["valid_to"], pa.scalar(day)), fill_value=True),
    )
    enough = pc.fill_null(pc.greater_equal(edge["share"], share), fill_value=False)
    held = edge.filter(pc.and_(pc.and_(live, pc.equal(edge["kind"], "owns")), enough))
    holds = _pairs(held["src"], held["dst"])
    direct = [pc.is_in(_pairs(*ends), value_set=holds).to_numpy() for ends in (sides, sides[::-1])]
    return np.asarray((seller == buyer) | direct[0] | direct[1])


def _pairs(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(one, other, "\x1f")
