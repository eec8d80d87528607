"""Tables of ``region_output`` for tests: out of a matrix, and all the ways in which one is odd."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from liandong.schema.arrow import build

TABLE_A = ((100, 0, 0, 0, 0), (0, 15, 5, 70, 10), (0, 20, 10, 20, 50), (0, 25, 30, 5, 40),
           (0, 40, 55, 5, 0))  # fmt: skip
"""The example of EconGeo's documentation; its first region is a component of its own."""
TABLE_B = ((34, 2, 0, 51, 8), (12, 40, 23, 0, 9), (3, 17, 66, 28, 0), (0, 25, 11, 5, 40),
           (21, 4, 19, 33, 14), (50, 0, 7, 2, 62))  # fmt: skip
"""Every region has two advantages."""
SOUND = ((9, 7, 5, 2, 1), (8, 3, 6, 1, 0), (7, 9, 1, 0, 0), (9, 1, 0, 0, 1), (1, 2, 5, 9, 2))
"""A table of which complexity is defined."""
_SIGNLESS = ((3, 0, 0, 0, 2), (3, 3, 2, 3, 3), (0, 0, 3, 0, 3), (3, 3, 1, 0, 2), (3, 1, 3, 1, 3))
_CIRCLE = tuple(tuple(int(j in {i, (i + 1) % 6}) for j in range(6)) for i in range(6))
_ARMS = (
    (3, 3, 0, 0, 0, 0), (0, 0, 3, 3, 0, 0), (0, 0, 0, 0, 3, 3), (1, 1, 1, 1, 1, 1),
)  # fmt: skip


def outputs(values: ArrayLike, regions: Sequence[str] = (), **columns: str) -> pa.Table:
    """Return ``region_output`` of a matrix; NaN is suppressed, and cells of 0 are written too.

    Parameters
    ----------
    values
        Shape (regions, items).
    regions
        Their codes; otherwise provinces from 110000 on.
    columns
        Other values than ``industry``, ``2020``, ``test`` and ``yuan`` for the kind, period,
        vintage and unit of all rows.

    Examples
    --------
    >>> outputs([[1.0, float("nan")]]).select(["region_id", "item", "value"]).to_pylist()[1]
    {'region_id': '110000', 'item': 'I001', 'value': None}
    """
    matrix = np.asarray(values, np.float64)
    codes = list(regions) or [f"{11 + k}0000" for k in range(len(matrix))]
    region, item = (axis.ravel() for axis in np.indices(matrix.shape))
    given = {"kind": "industry", "period": "2020", "vintage": "test", "unit": "yuan", **columns}
    rows = matrix.size
    return build("region_output", {
        "region_id": [codes[r] for r in region],
        "item": [f"I{i:03d}" for i in item],
        "value": pa.array(matrix.ravel(), mask=np.isnan(matrix.ravel())),
        **{name: [value] * rows for name, value in given.items()},
    })  # fmt: skip


def _with(cell: float) -> list[list[float]]:
    """Return the sound table with another value in one cell."""
    found = [[float(v) for v in row] for row in SOUND]
    found[0][4] = cell
    return found


def _put(column: str, values: dict[int, Any], table: pa.Table | None = None) -> pa.Table:
    """Return the sound table with other values in some rows of a column."""
    rows = outputs(SOUND) if table is None else table
    old = rows[column].to_pylist()
    new = pa.array([values.get(k, v) for k, v in enumerate(old)], rows[column].type)
    return rows.set_column(rows.column_names.index(column), rows.schema.field(column), new)


def odd() -> dict[str, tuple[pa.Table, str]]:
    """Return odd tables by name, each with the code of ``survey_caution`` that must name it."""
    years = partial(outputs, SOUND)
    return {
        "table A": (outputs(TABLE_A), "disconnected"),
        "two blocks": (outputs(np.kron(np.eye(2), np.ones((3, 3)))), "disconnected"),
        "three blocks": (outputs(np.kron(np.eye(3), [[2, 1], [1, 2]])), "disconnected"),
        "each its own": (outputs(np.eye(5)), "disconnected"),
        "table B": (outputs(TABLE_B), "equal_diversity"),
        "a circle": (outputs(_CIRCLE), "close_eigenvalues"),
        "equal arms": (outputs(_ARMS), "close_eigenvalues"),
        "no sign": (outputs(_SIGNLESS), "sign_unclear"),
        "one region": (outputs([[1, 2, 3, 4]]), "too_few"),
        "one item": (outputs([[1], [2], [3], [4]]), "too_few"),
        "two regions": (outputs([[1, 2, 3], [3, 2, 1]]), "too_few"),
        "two items": (outputs([[1, 2], [2, 1], [3, 1]]), "too_few"),
        "zeros": (outputs(np.zeros((4, 4))), "all_zero"),
        "all suppressed": (outputs(np.full((4, 4), np.nan)), "all_zero"),
        "an outer product": (outputs(np.outer([1, 2, 3, 7], [3, 1, 4, 1, 5])), "alike"),
        "all equal": (outputs(np.full((4, 5), 7)), "alike"),
        "two units": (_put("unit", {0: "USD"}), "mixed_units"),
        "an empty region": (outputs([*SOUND, (0,) * 5]), "empty_region"),
        "an empty item": (outputs([(*row, 0) for row in SOUND]), "empty_item"),
        "a suppressed cell": (outputs(_with(np.nan)), "suppressed"),
        "a negative cell": (outputs(_with(-1)), "negative"),
        "an infinite cell": (outputs(_with(np.inf)), "not_finite"),
        "no number": (_put("value", {7: float("nan")}), "not_finite"),
        "a repeated cell": (pa.concat_tables([years(), years().slice(3, 1)]), "duplicate"),
        "a tiny region": (outputs([*SOUND, (0, 0, 0, 0, 1e-3)]), "small_total"),
        "advantages of one": (outputs([*SOUND, tuple(map(sum, zip(*SOUND, strict=True)))]),
                              "on_the_cut"),
        "a county in a city": (_put("region_id", dict.fromkeys(range(5, 10), "110105")),
                               "nested_regions"),
        "two vintages": (pa.concat_tables([years(), years(vintage="revised")]), "mixed_vintages"),
        "a missing year": (pa.concat_tables([years(), years(period="2018")]), "missing_periods"),
    }  # fmt: skip
