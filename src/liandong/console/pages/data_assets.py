"""Data assets: what they are worth to a lender, what is pledged, and what is no longer covered."""

from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading

SORTS = {
    "lending": "v.value DESC NULLS LAST, a.asset_id",
    "pledged": "s.pledged DESC NULLS LAST, a.asset_id",
    "cover": "s.coverage NULLS LAST, a.asset_id",
}
"""Orders that can be asked for."""
DRAWN = 12
"""Assets in the picture, the first of the page."""
LISTED = 30
"""Margin calls, requests and double pledges on the page; the rest is in their tables."""
_SOURCE = (
    "data_asset a LEFT JOIN party p USING (party_id) LEFT JOIN data_value v"
    " ON v.asset_id = a.asset_id AND v.method = 'lending' AND v.as_of = ?"
    " LEFT JOIN (SELECT asset_id, sum(owed)::BIGINT AS pledged, min(coverage) AS coverage,"
    " sum(margin_call)::BIGINT AS margin_call FROM data_cover WHERE as_of = ? GROUP BY asset_id) s"
    " ON s.asset_id = a.asset_id"
)


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return totals, one page of assets, and the first of what needs a look."""
    f = Filter.of(query)
    day = f.latest(reading, "data_value")
    chosen = f.party(Where(), "p")
    rows = reading.rows(
        "SELECT a.*, a.party_id AS holder_id, p.name AS holder, p.name_en AS holder_en,"
        " v.value AS worth, v.low, v.high, s.pledged, s.coverage, s.margin_call"
        " FROM {source}{where} ORDER BY {order} LIMIT ? OFFSET ?",
        day, day, chosen, query.most, query.offset, source=_SOURCE,
        order=SORTS[query.choice("sort", SORTS, "lending")],
    )  # fmt: skip
    return {
        "as_of": day,
        "totals": reading.one(
            "SELECT count(*) AS assets, count(v.value) AS valued,"
            " coalesce(sum(v.value), 0)::BIGINT AS worth,"
            " coalesce(sum(s.pledged), 0)::BIGINT AS pledged, count(s.pledged) AS pledges,"
            " coalesce(sum(s.margin_call), 0)::BIGINT AS margin_call FROM {source}{where}",
            day, day, chosen, source=_SOURCE,
        ),
        "rows": rows,
        "drawn": [r for r in rows if r["worth"] is not None][:DRAWN],
        "sorts": list(SORTS),
        "calls": reading.rows(
            "SELECT c.*, a.party_id AS holder_id, p.name AS holder, p.name_en AS holder_en"
            " FROM data_cover c JOIN data_asset a USING (asset_id)"
            " LEFT JOIN party p USING (party_id){where}"
            " ORDER BY c.margin_call DESC, c.pledge_id LIMIT ?",
            f.party(Where().add("c.as_of = ? AND c.margin_call > 0", day), "p"),
            query.upto(LISTED),
        ),
        "limits": reading.rows(
            "SELECT l.*, j.need FROM data_limit l JOIN project j USING (project_id)"
            " LEFT JOIN party p USING (party_id){where}"
            " ORDER BY l.most DESC, l.project_id, l.asset_id LIMIT ?",
            f.party(Where().add("l.as_of = ?", day), "p"), query.upto(LISTED),
        ),
        "doubles": reading.rows(
            "SELECT d.* FROM pledged_twice d JOIN data_asset a ON a.asset_id = d.thing_id"
            " LEFT JOIN party p USING (party_id){where}"
            " ORDER BY d.from_b DESC, d.pair_id LIMIT ?",
            f.party(Where().add("d.thing = 'data'"), "p"), query.upto(LISTED),
        ),
        "sources": {t: reading.source(t, day) for t in
                    ("data_asset", "data_value", "data_limit", "data_cover", "pledged_twice")},
    }  # fmt: skip
