"""One data asset: what it is worth by each method, and why; what was paid for it, and on it."""

from typing import Any

from liandong.console.links import missing
from liandong.console.query import Query
from liandong.console.reading import Reading

BLOCKS = ("methods", "income", "costs", "limits", "pledges", "cover")
"""Lists that may be had as files."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the asset with its values of the newest day, its income, costs and pledges.

    Raises
    ------
    NotFoundError
        If there is no such asset.
    """
    key = query.text("asset_id")
    asset = reading.first(
        "SELECT a.*, a.party_id AS holder_id, p.name AS holder, p.name_en AS holder_en"
        " FROM data_asset a LEFT JOIN party p USING (party_id) WHERE a.asset_id = ?", key,
    )  # fmt: skip
    if asset is None:
        raise missing("data_asset", key, "/data-assets")
    day = reading.one("SELECT max(as_of) AS day FROM data_value WHERE asset_id = ?", key)["day"]
    return {
        "asset": asset,
        "as_of": day,
        "methods": reading.rows(
            "SELECT * FROM data_value WHERE asset_id = ? AND as_of = ? ORDER BY"
            " list_position(['cost', 'income', 'market', 'lending'], method)", key, day,
        ),
        "income": reading.rows(
            "SELECT i.licensee_id, p.name, p.name_en, i.licensee_id AS party_id,"
            " sum(i.amount)::BIGINT AS amount, min(i.valid_from) AS valid_from,"
            " max(i.valid_to) AS valid_to FROM data_income i"
            " LEFT JOIN party p ON p.party_id = i.licensee_id WHERE i.asset_id = ?"
            " GROUP BY i.licensee_id, p.name, p.name_en ORDER BY amount DESC, i.licensee_id"
            " LIMIT ?", key, query.most,
        ),
        "costs": reading.rows(
            "SELECT * FROM data_cost WHERE asset_id = ? ORDER BY year, kind LIMIT ?",
            key, query.most,
        ),
        "limits": reading.rows(
            "SELECT * FROM data_limit WHERE asset_id = ? ORDER BY as_of DESC, project_id LIMIT ?",
            key, query.most,
        ),
        "pledges": reading.rows(
            "SELECT * FROM data_pledge WHERE asset_id = ? OR fingerprint = ?"
            " ORDER BY pledged_on, pledge_id LIMIT ?", key, asset["fingerprint"], query.most,
        ),
        "cover": reading.rows(
            "SELECT * FROM data_cover WHERE asset_id = ? ORDER BY as_of DESC, pledge_id LIMIT ?",
            key, query.most,
        ),
        "sources": {t: reading.source(t) for t in
                    ("data_asset", "data_value", "data_income", "data_cost", "data_limit",
                     "data_pledge", "data_cover")},
    }  # fmt: skip
