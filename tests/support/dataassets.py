"""Small tables of data assets: every field a default, every default replaceable."""

from datetime import date, timedelta

from liandong.schema.arrow import build
from liandong.schema.tables.dataassets import QUALITIES
from support.lending import DAY, WAN

_ASSET = {
    "party_id": "F", "kind": "dataset", "industry": "C27", "holds": True, "processes": True,
    "operates": True, "registry": "R", "valid_from": date(2023, 1, 1),
    "valid_to": DAY + timedelta(5 * 365), "records": 1_000, "personal": "none",
    **dict.fromkeys(QUALITIES, 1_000_000),
}  # fmt: skip
_INCOME = {
    "asset_id": "D", "licensee_id": "L", "valid_from": date(2023, 1, 1), "valid_to": DAY,
    "amount": 100 * WAN,
}  # fmt: skip
_SALE = {
    "kind": "dataset", "industry": "C30", "scope": "whole", "sold_on": DAY, "records": 1_000,
    "quality": 1_000_000,
}  # fmt: skip


def _table(name, rows):
    columns = sorted({c for r in rows for c in r})
    return build(name, {c: [r.get(c) for r in rows] for c in columns})


def assets(**rows):
    """Assets by id; each has content of its own."""
    full = [
        {"asset_id": i, "fingerprint": i.encode().hex(), "certificate": f"C-{i}", **_ASSET, **r}
        for i, r in rows.items()
    ]
    return _table("data_asset", full)


def costs(asset="D", year=2023, **kinds):
    """Costs of one asset and year, fen by kind."""
    return _table("data_cost", [
        {"asset_id": asset, "kind": k, "year": year, "amount": v} for k, v in kinds.items()
    ])  # fmt: skip


def incomes(*rows):
    """Income, each a dict of what differs from a million yuan of the year before the day."""
    return _table(
        "data_income", [{"income_id": f"I{n}", **_INCOME, **r} for n, r in enumerate(rows)]
    )


def sold(*amounts, **fields):
    """Sales of whole data at these prices, fen."""
    rows = [{"sale_id": f"S{n}", **_SALE, "amount": a, **fields} for n, a in enumerate(amounts)]
    return _table("data_sale", rows)


def values(day=DAY, **worth):
    """Lending values by asset."""
    n = len(worth)
    return build("data_value", {
        "asset_id": list(worth), "as_of": [day] * n, "method": ["lending"] * n,
        **{c: list(worth.values()) for c in ("value", "low", "high")}, "reasons": [[]] * n,
    })  # fmt: skip


def data_pledges(**rows):
    """Pledges by id of the asset D, for 100,000 yuan to L1 a month before the day."""
    given = {"asset_id": "D", "project_id": "R0", "lender_id": "L1", "secured": 10 * WAN,
             "pledged_on": DAY - timedelta(30)}  # fmt: skip
    full = [{"pledge_id": i, **given, **r} for i, r in rows.items()]
    return _table("data_pledge", [
        {"fingerprint": r["asset_id"].encode().hex(), "certificate": f"C-{r['asset_id']}", **r}
        for r in full
    ])  # fmt: skip


def collateral(*pairs):
    """Which project offers which asset."""
    names = ("project_id", "asset_id")
    return build("data_collateral", {n: [p[k] for p in pairs] for k, n in enumerate(names)})
