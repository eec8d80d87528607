"""Small tables of lending for tests of match: every field a default, every default replaceable."""

from datetime import date

from liandong.schema.arrow import build

DAY = date(2023, 12, 31)
YUAN = 100
WAN = 10_000 * YUAN

_PROJECT = {"need": 100 * WAN, "term_months": 12}
_PRODUCT = {
    "lender_id": "BANK", "min_amount": 10 * WAN, "max_amount": 100 * WAN, "step_amount": WAN,
    "min_rate": 40_000, "max_rate": 150_000, "term_months": 12, "capacity": 10_000 * WAN,
    "funding_rate": 22_000, "operating_rate": 8_000, "lgd": 450_000, "guarantee_cover": 0,
}  # fmt: skip
_SCORE = {"as_of": DAY, "rule_id": "card", "pd": 30_000, "points": 600, "grade": "A",
          "reasons": [{"code": "score.bin(staff)", "points": 1}]}  # fmt: skip
_FEATURE = {"as_of": DAY, "measure": "sales_12m", "value": 5_000_000.0}
_QUOTE = {
    "as_of": DAY, "product_id": "P", "eligible": True, "micro": True, "grade": "A",
    "limit": 100 * WAN, "floor_rate": 50_000, "rate": 60_000, "value_rate": 10_000,
    "reasons": [{"code": "match.rate_margin", "points": 10_000}],
}  # fmt: skip


def _table(name, key, default, rows):
    found = [{key: i, **default, **fields} for i, fields in rows.items()]
    columns = {c: [r.get(c) for r in found] for c in sorted({c for r in found for c in r})}
    return build(name, columns)


def projects(**rows):
    """Projects by id; the applicant has the same id."""
    return _table(
        "project", "project_id", _PROJECT, {i: {"party_id": i, **r} for i, r in rows.items()}
    )


def products(**rows):
    """Products by id."""
    return _table("product", "product_id", _PRODUCT, rows)


def scores(**rows):
    """Scores by party."""
    return _table("score", "party_id", _SCORE, rows)


def parties(**rows):
    """Firms by id."""
    return _table("party", "party_id", {"kind": "firm"}, rows)


def sales(**rows):
    """Yearly sales by party."""
    return _table("feature", "party_id", _FEATURE, rows)


def churn(grade, points):
    """Build one curve of (rate, lost)."""
    return build("churn", {
        "grade": [grade] * len(points), "rate": [r for r, _ in points],
        "lost": [s for _, s in points],
    })  # fmt: skip


def quotes(**rows):
    """Quotes by project; the applicant has the same id."""
    return _table("quote", "project_id", _QUOTE, {i: {"party_id": i, **r} for i, r in rows.items()})
