"""Measures of how sales and purchases went month by month: trend, gaps, regularity."""

import numpy as np
from numpy.typing import NDArray

from liandong.assess.measures.invoices import Columns, Side, Trade, share
from liandong.assess.measures.months import Int
from liandong.kernels.scores.seasons import longest_run, seasonal_slopes

YEARS = 3
"""Years that the trend free of seasons looks back."""
PAIRS = 6
"""Pairs of the same month in two years that it needs."""


def course_measures(trade: Trade, window: int) -> Columns:
    """Return measures of the course of business, one value a firm; NaN where undefined.

    Parameters
    ----------
    trade
        All invoices of the firms.
    window
        Months of a year.
    """
    firms = trade.firms
    sales = trade.sales.where(trade.sales.status != 1)
    bought = trade.bought.where(trade.bought.status != 1)
    first = first_month(sales, firms)
    monthly = sales.monthly(firms, YEARS * window)
    # Months before the first sale on record are not gaps: nobody knows what was then.
    since = np.arange(2 * window) <= first[:, None]
    gap, gaps = longest_run((monthly[:, : 2 * window] <= 0) & since)
    sold, year = first >= 0, bought.monthly(firms, window)
    last = np.full(firms, np.iinfo(np.int64).max)
    np.minimum.at(last, bought.firm, bought.month)
    return {
        "sales_slope": seasonal_slopes(monthly, first + 1, window, PAIRS),
        "sales_gap": np.where(sold, gap, np.nan),
        "sales_gaps": np.where(sold, gaps, np.nan),
        "sales_number": _number(trade.sales, firms, window),
        "purchases_volatility": share(year.std(axis=1), year.mean(axis=1)),
        "purchases_months": (year > 0).sum(axis=1).astype(np.float64),
        "purchases_idle": np.where(last <= first_month(bought, firms), last, np.nan),
        "purchases_number": _number(trade.bought, firms, window),
    }


def first_month(side: Side, firms: int) -> Int:
    """Return how many months ago each firm's first invoice was; -1 without any."""
    first = np.full(firms, -1)
    np.maximum.at(first, side.firm, side.month)
    return first


def _number(side: Side, firms: int, window: int) -> NDArray[np.float64]:
    """Return how many invoices of the year are valid."""
    valid = side.where((side.status == 0) & (side.month < window))
    return valid.total(valid.number, firms).astype(np.float64)
