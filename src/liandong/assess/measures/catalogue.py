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
        What must be shared to know it (``invoice``, ``bank``, the source of a signal), or what is
        public (:data:`PUBLIC`).
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
    Measure("sales_slope", "invoice", "more"),
    Measure("sales_volatility", "invoice", "less"),
    Measure("sales_months", "invoice", "more"),
    Measure("sales_idle", "invoice", "less"),
    Measure("sales_gap", "invoice", "less"),
    Measure("sales_gaps", "invoice", "less"),
    Measure("sales_history", "invoice", "more"),
    Measure("sales_number", "invoice", "more"),
    Measure("sales_ticket", "invoice", "either"),
    Measure("sales_tax_rate", "invoice", "either"),
    Measure("sales_void_share", "invoice", "less"),
    Measure("sales_red_share", "invoice", "less"),
    Measure("buyers", "invoice", "more"),
    Measure("buyer_hhi", "invoice", "less"),
    Measure("buyer_loyalty", "invoice", "more"),
    Measure("buyer_retention", "invoice", "more"),
    Measure("buyer_tenure", "invoice", "more"),
    Measure("buyer_reach", "invoice", "more"),
    Measure("purchases_12m", "invoice", "more"),
    Measure("purchases_growth", "invoice", "more"),
    Measure("purchases_volatility", "invoice", "less"),
    Measure("purchases_months", "invoice", "more"),
    Measure("purchases_idle", "invoice", "less"),
    Measure("purchases_number", "invoice", "more"),
    Measure("purchases_void_share", "invoice", "less"),
    Measure("purchases_red_share", "invoice", "less"),
    Measure("suppliers", "invoice", "more"),
    Measure("supplier_hhi", "invoice", "less"),
    Measure("supplier_loyalty", "invoice", "more"),
    Measure("supplier_retention", "invoice", "more"),
    Measure("supplier_tenure", "invoice", "more"),
    Measure("supplier_reach", "invoice", "more"),
    Measure("margin", "invoice", "either"),
    Measure("partner_trouble", "invoice", "less"),
    Measure("partner_void_share", "invoice", "less"),
    Measure("partners_shared", "invoice", "more"),
    Measure("network_core", "invoice", "more"),
    Measure("network_reach", "invoice", "more"),
    Measure("network_rank", "invoice", "more"),
    Measure("tax_growth", "tax", "more"),
    Measure("tax_gap", "tax", "more"),
    Measure("tax_months", "tax", "more"),
    Measure("tax_paid_rate", "tax", "either"),
    Measure("power_growth", "utility", "more"),
    Measure("power_volatility", "utility", "less"),
    Measure("power_use", "utility", "either"),
    Measure("staff", "staff", "more"),
    Measure("staff_growth", "staff", "more"),
    Measure("patents_24m", "ip", "more"),
    Measure("exports_12m", "customs", "more"),
    Measure("exports_growth", "customs", "more"),
    Measure("exports_share", "customs", "either"),
    Measure("bank_inflow_12m", "bank", "more"),
    Measure("bank_growth", "bank", "more"),
    Measure("bank_volatility", "bank", "less"),
    Measure("bank_net", "bank", "more"),
    Measure("bank_low_month", "bank", "more"),
    Measure("bank_buffer", "bank", "more"),
    Measure("bank_related_share", "bank", "less"),
    Measure("bank_debt_share", "bank", "less"),
    Measure("cases_share", "judicial", "less"),
    Measure("suits_24m", "judicial", "less"),
    Measure("penalties_24m", "penalty", "less"),
    Measure("penalty_share", "penalty", "less"),
    Measure("firm_age", "registry", "more"),
    Measure("sister_firms", "registry", "either"),
    Measure("sister_trouble", "registry", "less"),
    Measure("owner_cases", "registry", "less"),
)

PUBLIC = frozenset({"judicial", "penalty", "registry"})
"""Categories that courts, authorities and the registry publish: nobody needs to consent to them,
and who is not named there has nothing. All others must be shared by the firm."""

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
