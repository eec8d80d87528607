"""The measures that firms are assessed by, what they are made of, and which way they point."""

from typing import Literal, NamedTuple

Better = Literal["more", "less", "either"]
"""Whether a higher value should mean a lower risk (``more``), a higher one (``less``), or neither
is known beforehand."""


class Measure(NamedTuple):
    """One measure.

    Attributes
    ----------
    name
        As in the table ``feature``; its label is in the catalogue under ``measure``.
    category
        What must be shared to know it: ``invoice``, or the source of a signal.
    better
        Expected direction; a scorecard may not point the other way.
    """

    name: str
    category: str
    better: Better


MEASURES = (
    Measure("sales_12m", "invoice", "more"),
    Measure("sales_growth", "invoice", "more"),
    Measure("sales_trend", "invoice", "more"),
    Measure("sales_volatility", "invoice", "less"),
    Measure("sales_months", "invoice", "more"),
    Measure("sales_idle", "invoice", "less"),
    Measure("sales_history", "invoice", "more"),
    Measure("sales_ticket", "invoice", "either"),
    Measure("sales_tax_rate", "invoice", "either"),
    Measure("sales_void_share", "invoice", "less"),
    Measure("sales_red_share", "invoice", "less"),
    Measure("buyers", "invoice", "more"),
    Measure("buyer_hhi", "invoice", "less"),
    Measure("buyer_loyalty", "invoice", "more"),
    Measure("purchases_12m", "invoice", "more"),
    Measure("purchases_growth", "invoice", "more"),
    Measure("purchases_void_share", "invoice", "less"),
    Measure("purchases_red_share", "invoice", "less"),
    Measure("suppliers", "invoice", "more"),
    Measure("supplier_hhi", "invoice", "less"),
    Measure("supplier_loyalty", "invoice", "more"),
    Measure("margin", "invoice", "either"),
    Measure("tax_growth", "tax", "more"),
    Measure("power_growth", "utility", "more"),
    Measure("staff", "staff", "more"),
    Measure("staff_growth", "staff", "more"),
    Measure("patents_24m", "ip", "more"),
    Measure("cases_share", "judicial", "less"),
)

TRENDS: dict[Better, tuple[str, ...]] = {
    "more": ("descending",),
    "less": ("ascending",),
    "either": ("ascending", "descending"),
}
"""How the default rate may go from bin to bin, by the expected direction of the measure."""


def trends(name: str) -> tuple[str, ...]:
    """Return the trends that a measure may have; one that is not listed here may go either way."""
    better = {m.name: m.better for m in MEASURES}
    return TRENDS[better.get(name, "either")]
