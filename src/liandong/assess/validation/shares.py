"""What a scorecard says bin by bin, and what it loses when a category of data is not shared."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess.card.scorecard import Scorecard
from liandong.assess.measures.catalogue import MEASURES
from liandong.assess.validation.figures import Figure, Finding, auc_figure
from liandong.kernels.scores.validation import jeffreys_interval

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

_CATEGORY = {m.name: m.category for m in MEASURES}
OWN = "own"
"""Category of measures that the catalogue does not list."""


def categories(card: Scorecard) -> dict[str, Bool]:
    """Return the categories of data that a card uses, and which of its measures each brings."""
    names = [_CATEGORY.get(m, OWN) for m in card.measures]
    return {c: np.array([n == c for n in names]) for c in sorted(set(names))}


def by_bin(card: Scorecard, values: Float, withheld: Bool, bad: Bool) -> Iterator[Finding]:
    """Yield the bad rate in each cell of each characteristic (``cell.MEASURE.NN``).

    Parameters
    ----------
    values, withheld
        Shape (firms, characteristics), see :meth:`Scorecard.parts`.
    bad
        Shape (firms,).
    """
    for j, c in enumerate(card.characteristics):
        cells = c.cells(values[:, j], withheld[:, j])
        for k in np.unique(cells).tolist():
            n, bads = int((cells == k).sum()), int(bad[cells == k].sum())
            figure = Figure("bad_rate", bads / n, *jeffreys_interval(bads, n))
            yield Finding(f"cell.{c.measure}.{k:02d}", figure, n)


def by_category(card: Scorecard, values: Float, withheld: Bool, bad: Bool) -> Iterator[Finding]:
    """Yield the AUC without each category of data and from each alone, and what is lost.

    A category that is not shared earns no points; see :meth:`Scorecard.parts`. Slices are
    ``without.CATEGORY`` and ``only.CATEGORY``; ``auc_loss`` is the AUC of all less that.
    """
    n, whole = len(bad), _area(card, values, withheld, bad)
    for name, own in categories(card).items():
        for slice_, hidden in ((f"without.{name}", own), (f"only.{name}", ~own)):
            area = _area(card, values, withheld | hidden, bad)
            yield Finding(slice_, area, n)
            yield Finding(slice_, Figure("auc_loss", whole.value - area.value), n)


def _area(card: Scorecard, values: Float, withheld: Bool, bad: Bool) -> Figure:
    points = card.parts(values, withheld).sum(axis=1).astype(np.float64)
    return auc_figure("auc", -points, bad)


def aligned(ids: pa.Array, wanted: pa.ChunkedArray) -> tuple[Bool, NDArray[np.int64]]:
    """Return which of the ``wanted`` ids there are, and their places among ``ids``."""
    at = pc.index_in(wanted.combine_chunks(), value_set=ids)
    known = np.asarray(at.is_valid().to_numpy(zero_copy_only=False), bool)
    return known, pc.drop_null(at).to_numpy().astype(np.int64)
