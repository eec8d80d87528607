"""Accountability: scorecards of who answers for what, appeals, and groups of linked cases."""

import json
from typing import Any

from liandong.console.links import missing
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.schema.tables import TABLES
from liandong.schema.tables.accountability import DUTIES, HELD, ITEMS

BLOCKS = ("cards", "groups", "links")
SHOWN = 5
"""Rows behind a number that are linked on the page."""
DRAWN = 24
"""Cases of a group that are drawn."""
SHARES = ("in_time", "overruled", "turned_down")


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the scorecards of the newest day, the appeals, and the groups with one of them."""
    day = reading.one("SELECT max(as_of) AS day FROM responsibility")["day"]
    kind = query.choice("kind", HELD, HELD[0])
    where = Where().add("as_of = ?", day).add("holder_kind = ?", kind)
    cards = reading.rows("SELECT * FROM responsibility{where} ORDER BY holder, duty", where)
    appeals = reading.appeals(reading.board.appeals.rows())
    return {
        "as_of": day,
        "kind": kind,
        "kinds": list(HELD),
        "duties": list(DUTIES),
        "cards": [{**r, **_behind(r)} for r in cards],
        "holders": _holders(cards),
        "shares": [d for d in SHARES if any(r["duty"] == d for r in cards)],
        "appeals": appeals,
        "tables": list(ITEMS),
        **_groups(reading, query),
        "sources": {t: reading.source(t) for t in
                    ("responsibility", "appeal", "case_link", "case_cluster", "case_hub")},
    }  # fmt: skip


def _behind(card: Row) -> Row:
    """Return the rows that a number rests on: the first ones by their keys, and how many more."""
    found = json.loads(card["evidence"])
    key = TABLES[found["table"]].key[0]
    first = [{key: name} for name in found["rows"][:SHOWN]]
    return {"points_at": found["table"], "first": first,
            "more": max(len(found["rows"]) - SHOWN, 0)}  # fmt: skip


def _holders(cards: list[Row]) -> list[Row]:
    """Return one row a holder with its numbers by duty, those with most that is late first."""
    found: dict[str, Row] = {}
    for r in cards:
        found.setdefault(r["holder"], {})[r["duty"]] = r
    rows = [{"holder": h, "duties": duties} for h, duties in found.items()]

    def late(row: Row) -> int:
        names = ("overdue_cases", "overdue_reviews", "waiting_approvals")
        return sum(row["duties"][n]["hits"] for n in names if n in row["duties"])

    return sorted(rows, key=lambda r: (-late(r), r["holder"]))


def _groups(reading: Reading, query: Query) -> Row:
    """Return the groups, the largest first, with the links of the one that is chosen.

    Raises
    ------
    NotFoundError
        If there is no such group.
    """
    groups = reading.rows(
        "SELECT cluster_id, any_value(size) AS size, sum(links) // 2 AS links,"
        " (SELECT coalesce(list(DISTINCT tie ORDER BY tie), []) FROM case_link l"
        " JOIN case_cluster k ON k.item = l.one WHERE k.cluster_id = c.cluster_id) AS ties"
        " FROM case_cluster c GROUP BY cluster_id ORDER BY size DESC, cluster_id LIMIT ?",
        query.most,
    )  # fmt: skip
    first = groups[0]["cluster_id"] if groups else ""
    chosen = query.text("group", first)
    known = "SELECT item FROM case_cluster WHERE cluster_id = ? LIMIT 1"
    if chosen and reading.first(known, chosen) is None:
        raise missing("case_cluster", chosen, "/accountability")
    links = reading.rows(
        "SELECT l.* FROM case_link l JOIN case_cluster c ON c.item = l.one"
        " WHERE c.cluster_id = ? ORDER BY l.shared_by, l.tie, l.via, l.one, l.other",
        chosen,
    )
    degree: dict[str, int] = {}
    for r in links:
        for n in ("one", "other"):
            degree[r[n]] = degree.get(r[n], 0) + 1
    drawn = sorted(degree, key=lambda n: (-degree[n], n))[:DRAWN]
    about = _about(reading, drawn)
    return {
        "groups": groups,
        "group": chosen,
        "links": [{**r, "rows": _seen(r["evidence"])} for r in links[: query.most]],
        "graph": {
            "nodes": [{**about[n], "item": n, "links": degree[n]} for n in drawn],
            "ties": [{k: r[k] for k in ("one", "other", "tie", "via")} for r in links
                     if r["one"] in drawn and r["other"] in drawn],
            "hidden": max(len(degree) - DRAWN, 0),
        },
        "hubs": reading.rows("SELECT * FROM case_hub ORDER BY shared_by DESC, tie, via LIMIT 20"),
    }  # fmt: skip


def _about(reading: Reading, items: list[str]) -> dict[str, Row]:
    """Return of cases and flags whether each is a case, and the name of what it is about."""
    rows = reading.rows(
        "SELECT i.item, a.case_id IS NOT NULL AS case, p.name_en,"
        " coalesce(p.name, a.party_id, f.subject_id, i.item) AS name"
        " FROM (SELECT unnest(?) AS item) i"
        " LEFT JOIN alert_case a ON a.case_id = i.item LEFT JOIN red_flag f ON f.flag_id = i.item"
        " LEFT JOIN party p ON p.party_id = coalesce(a.party_id, f.subject_id)",
        items,
    )
    return {r["item"]: r for r in rows}


def _seen(evidence: str) -> list[Row]:
    """Return the rows that say so, as links: table and key; ties of owners have none."""
    return [{"table": t, "key": {TABLES[t].key[0]: name}} for t, name in json.loads(evidence)
            if len(TABLES[t].key) == 1]  # fmt: skip
