"""The owners of a company: drawn in layers, three results side by side, who counts as behind it."""

from typing import Any

from liandong.console.filters import Filter
from liandong.console.links import missing
from liandong.console.ownergraph import layers
from liandong.console.query import Query
from liandong.console.reading import Reading, Row

HOLDERS, LINKS = 100, 200
"""Holders, and links of chains, that are listed."""
NAMED = "LEFT JOIN party p ON p.party_id = o.holder_id"


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return what was found about the owners of one party on the newest day.

    Raises
    ------
    NotFoundError
        If nothing on the board names the party.
    """
    party_id, f = query.text("party_id"), Filter.of(query)
    party = reading.first(
        "SELECT party_id, kind, name, name_en FROM party WHERE party_id = ?", party_id
    )
    day = reading.one(
        "SELECT max(as_of) AS day FROM ownership_total WHERE party_id = ? AND as_of <= ?",
        party_id, f.on or "2100-01-01",
    )["day"]  # fmt: skip
    holdings = _holdings(reading, party_id, f, query.upto(HOLDERS))
    if party is None and day is None and not holdings:
        raise missing("party", party_id, "/firms")
    ties = _ties(reading, party_id, day)
    ends = sorted({party_id} | {t[end] for t in ties for end in ("src", "dst")})
    used = ("ownership", "ownership_total", "ownership_tie", "ownership_path", "beneficial_owner")
    return {
        "party": party or {"party_id": party_id, "kind": None, "name": None, "name_en": None},
        "as_of": day,
        "total": reading.first(
            "SELECT * FROM ownership_total WHERE party_id = ? AND as_of = ?", party_id, day
        ),
        "holders": _holders(reading, party_id, day, query.upto(HOLDERS)),
        "beneficial": _beneficial(reading, party_id, day),
        "ties": ties,
        "graph": layers(party_id, ties),
        "names": {
            r["party_id"]: r
            for r in reading.rows(
                "SELECT party_id, kind, name, name_en FROM party WHERE list_contains(?, party_id)",
                ends,
            )
        },
        "chains": _about(
            reading, party_id, day, "o.*", "ownership_path o",
            f"ORDER BY strength DESC, holder_id, chain, step LIMIT {query.upto(LINKS)}",
        ),
        "holdings": holdings,
        "sources": {t: reading.source(t, day) for t in used},
    }  # fmt: skip


def _about(
    reading: Reading, party_id: str, day: object, what: str, source: str, order: str
) -> list[Row]:
    """Return what a table ``o`` says of the party on that day."""
    return reading.rows(
        "SELECT {what} FROM {source} WHERE o.party_id = ? AND o.as_of = ? {order}",
        party_id, day, what=what, source=source, order=order,
    )  # fmt: skip


def _ties(reading: Reading, party_id: str, day: object) -> list[Row]:
    order = "ORDER BY depth, carried DESC, src, dst"
    return _about(reading, party_id, day, "o.*", "ownership_tie o", order)


def _holders(reading: Reading, party_id: str, day: object, most: int) -> list[Row]:
    """Return the three results of each holder in one row."""
    return _about(
        reading, party_id, day,
        "o.holder_id, p.name AS holder, p.name_en AS holder_en, p.kind,"
        " any_value(o.ultimate) AS ultimate,"
        " max(CASE WHEN measure = 'economic' THEN low END) AS economic_low,"
        " max(CASE WHEN measure = 'economic' THEN high END) AS economic_high,"
        " max(CASE WHEN measure = 'control' THEN low END) AS stake_low,"
        " max(CASE WHEN measure = 'control' THEN high END) AS stake_high,"
        " max(CASE WHEN measure = 'control' THEN verdict END) AS verdict,"
        " max(CASE WHEN measure = 'weakest' THEN low END) AS weakest_low,"
        " max(CASE WHEN measure = 'weakest' THEN high END) AS weakest_high",
        f"ownership o {NAMED}",
        "GROUP BY o.holder_id, p.name, p.name_en, p.kind ORDER BY economic_high DESC NULLS LAST,"
        f" stake_high DESC NULLS LAST, o.holder_id LIMIT {most}",
    )  # fmt: skip


def _beneficial(reading: Reading, party_id: str, day: object) -> list[Row]:
    return _about(
        reading, party_id, day, "o.*, p.name AS holder, p.name_en AS holder_en",
        f"beneficial_owner o {NAMED}",
        "ORDER BY regime, interest_high DESC, stake_high DESC, holder_id",
    )  # fmt: skip


def _holdings(reading: Reading, party_id: str, f: Filter, most: int) -> list[Row]:
    """Return what the party itself has of others."""
    return reading.rows(
        "SELECT o.party_id, p.name, p.name_en, o.low, o.high, o.measure FROM ownership o"
        " LEFT JOIN party p USING (party_id) WHERE o.holder_id = ? AND measure = 'economic'"
        " AND o.as_of = (SELECT max(as_of) FROM ownership WHERE as_of <= ?)"
        " ORDER BY o.high DESC, o.party_id LIMIT ?",
        party_id, f.on or "2100-01-01", most,
    )  # fmt: skip
