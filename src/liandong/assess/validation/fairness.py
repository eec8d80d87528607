"""Are groups of firms treated alike: approvals, chances of the good ones, calibration inside."""

from collections.abc import Iterator

import numpy as np

from liandong.assess.validation.figures import Figure, Finding, Rows
from liandong.kernels.scores.validation import difference, jeffreys_interval, ratio

KINDS = (("region", "region_id"), ("size", "size_class"))
"""What groups are formed by."""


def fairness(rows: Rows, cut: float) -> Iterator[Finding]:
    """Yield by region and size class how firms fare at a cut, against the largest group.

    ``approval_rate``: share of firms approved. ``impact_ratio``: that over the largest group's
    (adverse impact below four fifths). ``opportunity``: share approved of those that turned out
    good, and ``opportunity_difference`` to the largest group's (Hardt, Price and Srebro 2016).
    ``calibration_ratio``: defaults over those that were forecast.

    Parameters
    ----------
    rows
        Firms with known outcomes; groups that there is no column for are left out.
    cut
        Firms of at most this probability of default count as approved.
    """
    for kind, column in KINDS:
        if column not in rows.table.column_names:
            continue
        groups = sorted(rows.split(column), key=lambda g: (-len(g[1].bad), g[0]))
        for name, group in groups:
            for figure in _figures(group, groups[0][1], cut):
                yield Finding(f"{kind}.{name}", figure, len(group.bad))


def _figures(group: Rows, largest: Rows, cut: float) -> Iterator[Figure]:
    approved, n = int((group.pd <= cut).sum()), len(group.pd)
    yield Figure("approval_rate", approved / n, *jeffreys_interval(approved, n))
    one, other = _chances(group, cut), _chances(largest, cut)
    if one[1]:
        yield Figure("opportunity", one[0] / one[1], *jeffreys_interval(*one))
    if group is largest:
        yield Figure("impact_ratio", 1.0)
        yield Figure("opportunity_difference", 0.0)
    else:
        among = int((largest.pd <= cut).sum()), len(largest.pd)
        yield Figure("impact_ratio", *ratio(approved, n, *among))
        if one[1] and other[1]:
            yield Figure("opportunity_difference", *difference(*one, *other))
    forecast = float(np.sort(group.pd).mean())
    if forecast > 0:
        bads = int(group.bad.sum())
        low, high = jeffreys_interval(bads, n)
        yield Figure("calibration_ratio", bads / n / forecast, low / forecast, high / forecast)


def _chances(rows: Rows, cut: float) -> tuple[int, int]:
    """Return how many of the good firms are approved, and how many good firms there are."""
    return int((rows.pd[~rows.bad] <= cut).sum()), int((~rows.bad).sum())
