"""Measures of a firm from monthly signals: tax, power, staff, patents, courts, customs."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess.measures.events import against
from liandong.assess.measures.invoices import Columns, Float, contrast, share

MATCHED = 6
"""Growth needs this many months that are known both now and a year before."""


class Monthly(NamedTuple):
    """One measure by firm and month, latest month first: what is known, and the values (else 0)."""

    known: NDArray[np.bool_]
    value: Float

    def growth(self, window: int) -> Float:
        """Compare the last year with the one before over the months that are known in both.

        Reports come late: without matching the months, the latest ones would look like a fall.
        """
        now, before = self.known[:, :window], self.known[:, window:]
        both = now & before
        grown = contrast(
            (self.value[:, :window] * both).sum(axis=1), (self.value[:, window:] * both).sum(axis=1)
        )
        return np.where(both.sum(axis=1) >= MATCHED, grown, np.nan)

    def mean(self, months: int) -> Float:
        """Return the mean of the known values of the last months; NaN where none is known."""
        return share(self.value[:, :months].sum(axis=1), self.known[:, :months].sum(axis=1))

    def volatility(self, months: int) -> Float:
        """Return standard deviation over mean of the known values of the last months."""
        known, value = self.known[:, :months], self.value[:, :months]
        mean = self.mean(months)
        # Deviations are added up month by month: no order of rows changes the sum.
        off = np.where(known, value - mean[:, None], 0.0) ** 2
        spread = np.sqrt(share(off.sum(axis=1), known.sum(axis=1)))
        return np.where(known.sum(axis=1) >= MATCHED, share(spread, mean), np.nan)

    def latest(self) -> Float:
        """Return the last known value."""
        rows, at = np.arange(len(self.known)), self.known.argmax(axis=1)
        return np.where(self.known[rows, at], self.value[rows, at], np.nan)

    def sum(self, months: int) -> Float:
        """Add up the last months; NaN where none is known."""
        some = self.known[:, :months].any(axis=1)
        return np.where(some, self.value[:, :months].sum(axis=1), np.nan)


def monthly(signal: pa.Table, firms: pa.Array, measure: str, as_of: date, months: int) -> Monthly:
    """Return a measure of all firms over the months up to that of ``as_of``.

    A value counts from the day it was seen; without such a day, from the end of its month.
    """
    rows = signal.filter(pc.equal(signal["measure"], measure))
    rows = rows.filter(pc.match_substring_regex(rows["period"], r"^\d{4}-\d{2}$"))
    month = pc.cast(pc.binary_join_element_wise(rows["period"], "01", "-"), pa.date32())
    first = month.to_numpy().astype("datetime64[M]")
    end = (first + 1).astype("datetime64[D]")
    seen = np.where(
        pc.is_valid(rows["seen_at"]).to_numpy(), rows["seen_at"].to_numpy(), end
    ).astype("datetime64[D]")
    firm = pc.fill_null(pc.index_in(rows["party_id"], value_set=firms), -1).to_numpy()
    back = np.datetime64(as_of, "M").astype(np.int64) - first.astype(np.int64)
    use = (firm >= 0) & (seen <= np.datetime64(as_of)) & (back >= 0) & (back < months)
    known = np.zeros((len(firms), months), bool)
    value = np.zeros((len(firms), months))
    known[firm[use], back[use]] = True
    value[firm[use], back[use]] = rows["value"].to_numpy()[use]
    return Monthly(known, value)


def signal_measures(
    signal: pa.Table, firms: pa.Array, sales: Float, as_of: date, window: int
) -> Columns:
    """Return all measures from signals, one value a firm; NaN where not shared or undefined.

    Parameters
    ----------
    sales
        Yearly sales of each firm in yuan, NaN where unknown: other amounts are compared with them.
    """

    def of(measure: str) -> Monthly:
        return monthly(signal, firms, measure, as_of, 2 * window)

    tax, power, staff, patents = (of(m) for m in ("declared_sales", "kwh", "insured", "patents"))
    paid, exports = of("tax_paid"), of("exports")
    year_of_tax, year_of_exports = window * tax.mean(window), window * exports.mean(window)
    # Courts publish: whoever is not named there has no case, which is not the same as unknown.
    claimed = np.nan_to_num(of("cases_amount").sum(window))
    return {
        "tax_growth": tax.growth(window),
        "tax_gap": contrast(year_of_tax, sales),
        "tax_months": np.where(
            tax.known.any(axis=1), tax.known[:, 1 : window + 1].sum(axis=1), np.nan
        ),
        "tax_paid_rate": share(paid.sum(window), tax.sum(window)),
        "power_growth": power.growth(window),
        "power_volatility": power.volatility(window),
        "power_use": share(1000 * window * power.mean(window), sales),
        "exports_12m": year_of_exports,
        "exports_growth": exports.growth(window),
        "exports_share": share(year_of_exports, np.maximum(sales, year_of_exports)),
        "staff": staff.latest(),
        "staff_growth": staff.growth(window),
        "patents_24m": patents.sum(2 * window),
        "cases_share": against(claimed, sales),
    }
