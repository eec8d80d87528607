"""Who is next to whom: from table ``neighbour``, or between the provinces as they lie on land."""

import numpy as np
import pyarrow as pa

from liandong.kernels.statistics.spatial import Weights
from liandong.schema.divisions import neighbours


def weights(table: pa.Table, regions: list[str]) -> Weights:
    """Return the weights among ``regions``; without a table those of provinces that touch.

    Rows of the table count one way, from a region to its neighbour; rows of weight 0, of regions
    that are not here, or of a region with itself do not count.
    """
    pairs = (
        list(zip(*(table[n].to_pylist() for n in ("region_id", "other_id", "weight")), strict=True))
        if len(table)
        else [(one, other, 1.0) for one, other in neighbours()]
    )
    at = {r: i for i, r in enumerate(regions)}
    mine = [(at[a], at[b], w) for a, b, w in pairs if a in at and b in at and a != b and w > 0]
    one, other, weight = (np.array([m[k] for m in mine]) for k in range(3))
    return Weights.by_row(
        one.astype(np.int64), other.astype(np.int64), weight.astype(np.float64), len(regions)
    )
