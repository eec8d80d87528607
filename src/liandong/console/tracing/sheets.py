"""What the tables of the trace say about one loan: its sheet, all rules side by side, its stamp."""

import tomllib
from typing import Any

from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.typed import Rows
from liandong.schema.tables import TABLES
from liandong.schema.tables.tracing import METHODS
from liandong.step import Run

MOST_PLACES = 100
"""Places of a rule table at most; the others are told with their sums."""
SINKS = ("repaid", "repaid_other", "fee", "tax", "cash", "overdraft", "backward", "fx", "other")
"""Classes of a reconciliation beside what is held."""
ORDER = "at, seq, flow_id"
"""The one order in which all rules take transfers."""


def there(reading: Reading, name: str, where: Where | None = None) -> bool:
    """Tell whether a table is known and has rows."""
    if name not in TABLES:
        return False
    asked = "SELECT 1 AS n FROM {name}{where} LIMIT 1"
    return reading.first(asked, where or Where(), name=name) is not None


def methods(reading: Reading) -> list[str]:
    """Return the rules that loans were traced by, in the order of the schema."""
    found = {r["method"] for r in reading.rows("SELECT DISTINCT method FROM holding")}
    return [m for m in METHODS if m in found]


def method_of(query: Query, known: list[str]) -> str:
    """Return the rule that a page is asked for; UsageError if loans were not traced by it."""
    return query.choice("method", known, known[0] if known else "")


def reconciled(reading: Reading, method: str, loan_id: str) -> Row | None:
    """Return the reconciliation of a loan, None if ``trace.reconcile`` did not make it."""
    return reading.first(
        "SELECT * FROM reconciliation WHERE method = ? AND loan_id = ?", method, loan_id
    )


def rule_table(reading: Reading, loan_id: str) -> Row:
    """Return how much of a loan is where, under all rules side by side, with the bounds.

    Returns
    -------
    dict
        ``methods``; ``rows``, one a place: ``place``, ``kind``, the owner, fen by rule in
        ``fen`` (0 where a rule finds nothing), ``least``, ``most``, ``cap``, ``reached`` (what
        poison says) and ``outside``, the rules that break the bounds; ``places`` in all; ``rest``,
        fen by rule at places that are not listed.
    """
    cap = "max(cap)" if "cap" in TABLES["holding"].names else "NULL"
    by_place: dict[str, Row] = {}
    for r in reading.rows(
        "SELECT place, method, min(kind) AS kind, {cap} AS cap, sum(amount) AS amount"
        " FROM holding WHERE loan_id = ? GROUP BY place, method ORDER BY place, method",
        loan_id, cap=cap,
    ):  # fmt: skip
        row = by_place.setdefault(r["place"], {**r, "fen": {}})
        row["fen"][r["method"]] = r["amount"]
    found = sorted(by_place.values(), key=lambda r: (-max(r["fen"].values()), r["place"]))
    rules = [m for m in METHODS if any(m in r["fen"] for r in found)]
    bounds = _by_place(reading, "bound", "least, most", loan_id)
    reached = _by_place(reading, "taint", "*", loan_id)
    rows = [_across(r, rules, bounds.get(r["place"]), reached) for r in found]
    rows += [
        _across({"place": p, "kind": b["kind"], "cap": None, "fen": {}}, rules, b, reached)
        for p, b in bounds.items()
        if p not in by_place and b["most"]
    ]
    shown = with_owners(reading, rows[:MOST_PLACES])
    return {
        "methods": rules,
        "bounded": bool(bounds),
        "capped": any(r["cap"] is not None for r in rows),
        "reached": bool(reached),
        "rows": shown,
        "places": len(rows),
        "rest": {m: sum(r["fen"][m] for r in rows[MOST_PLACES:]) for m in rules},
        "total": {m: sum(r["fen"][m] for r in rows) for m in rules},
    }


def flat_rules(table: Row) -> Rows:
    """Return a rule table as rows of plain columns, one for each rule."""
    found = " ".join(f"money.{m}" for m in table["methods"])
    rows = [
        {
            **{n: r[n] for n in ("place", "kind", "party_id", "name", "least")},
            **{m: r["fen"][m] for m in table["methods"]},
            **{n: r[n] for n in ("most", "cap", "reached")},
        }
        for r in table["rows"]
    ]
    return Rows.of(
        "text.place text.kind text.party_id text.name money.least "
        f"{found} money.most money.cap bool.reached",
        rows,
    )


def _by_place(reading: Reading, name: str, what: str, loan_id: str) -> dict[str, Row]:
    if name not in TABLES:
        return {}
    place = "place" if "place" in TABLES[name].names else "account_id"
    kind = "kind" if "kind" in TABLES[name].names else "'held' AS kind"
    rows = reading.rows(
        "SELECT {place} AS place, {kind}, {what} FROM {name} WHERE loan_id = ? ORDER BY 1",
        loan_id, place=place, kind=kind, what=what, name=name,
    )  # fmt: skip
    return {r["place"]: r for r in rows}


def _across(row: Row, rules: list[str], bound: Row | None, reached: dict[str, Row]) -> Row:
    found = {m: row["fen"].get(m, 0) for m in rules}
    least, most = (bound["least"], bound["most"]) if bound else (None, None)
    outside = [m for m in rules if bound and not least <= found[m] <= most]
    return {
        "place": row["place"], "kind": row["kind"], "fen": found, "least": least, "most": most,
        "cap": row["cap"], "reached": row["place"] in reached, "outside": outside,
    }  # fmt: skip


def with_owners(reading: Reading, rows: list[Row], key: str = "place") -> list[Row]:
    """Add to rows that name an account its kind and its owner."""
    owners = {
        r["account_id"]: r
        for r in reading.rows(
            "SELECT b.account_id, b.kind AS account_kind, b.party_id, p.name, p.name_en"
            " FROM bank_account b LEFT JOIN party p USING (party_id)"
            " WHERE list_contains(?, b.account_id)",
            [r[key] for r in rows],
        )
    }
    blank = {"account_id": None, "account_kind": None, "party_id": None, "name": None}
    return [{**blank, "name_en": None, **r, **owners.get(r[key], {})} for r in rows]


def stamp(reading: Reading, method: str) -> list[Row]:
    """Return what made the rows of a loan: run, inputs, rule, order, version, by table.

    A run is named by the hash of its inputs, rule and version: made again from the same it has
    the same name, and writes the same bytes.
    """
    wanted = ("trail", "holding", "lot", "reconciliation", "bound", "circle")
    found: dict[str, Row] = {}
    runs = {r.run_id: r for r in reading.runs}
    for name in filter(TABLES.__contains__, wanted):
        parts = reading.held.makers.get(name, [])
        own = [run for part, run in parts if part.endswith(f"@{method}")]
        for run_id in own or [run for _, run in parts]:
            if run_id in runs:
                row = found.setdefault(run_id, _stamped(reading, runs[run_id]))
                row["tables"].append(name)
    return list(found.values())


def _stamped(reading: Reading, run: Run) -> Row:
    rule = reading.first("SELECT toml FROM rule WHERE rule_id = ?", run.rule_id)
    ids = [i for found in run.inputs.values() for i in found]
    known = {
        r["snapshot_id"]: r["sha256"]
        for r in reading.rows(
            "SELECT snapshot_id, sha256 FROM snapshot WHERE list_contains(?, snapshot_id)", ids
        )
    }
    return {
        "run_id": run.run_id, "step": run.step, "version": run.version, "rule_id": run.rule_id,
        "rule": tomllib.loads(rule["toml"]) if rule else {}, "order": ORDER, "tables": [],
        "inputs": {
            name: [{"id": i, "sha256": known.get(i, i)} for i in ids]
            for name, ids in sorted(run.inputs.items())
        },
    }  # fmt: skip


def circles_of(reading: Reading, loan_id: str, limit: int) -> dict[str, Any]:
    """Return the circles that transfers of a loan's trail take part in, the largest first."""
    if not there(reading, "circle") or "circle_leg" not in TABLES:
        return {"rows": [], "total": 0}
    inside = (
        " WHERE circle_id IN (SELECT circle_id FROM circle_leg l JOIN trail t USING (flow_id)"
        " WHERE t.loan_id = ?)"
    )
    rows = reading.rows(
        "SELECT *, count(*) OVER () AS total FROM circle{inside}"
        " ORDER BY bottleneck DESC, circle_id LIMIT ?",
        loan_id, limit, inside=inside,
    )  # fmt: skip
    total = max((r.pop("total") for r in rows), default=0)
    return {"rows": with_legs(reading, rows), "total": total}


def with_legs(reading: Reading, circles: list[Row]) -> list[Row]:
    """Add to circles their legs in order, with the owners of their accounts."""
    legs: dict[str, list[Row]] = {c["circle_id"]: [] for c in circles}
    for leg in reading.rows(
        "SELECT l.*, p.party_id, p.name, p.name_en FROM circle_leg l"
        " LEFT JOIN bank_account b ON b.account_id = l.src_account"
        " LEFT JOIN party p ON p.party_id = b.party_id"
        " WHERE l.circle_id IN (SELECT unnest(?)) ORDER BY l.circle_id, l.leg",
        list(legs),
    ):
        legs[leg["circle_id"]].append(leg)
    return [{**c, "path": legs[c["circle_id"]]} for c in circles]


def legs_of(circles: list[Row]) -> list[Row]:
    """Return the legs of circles as rows of one list, see :func:`with_legs`."""
    return [leg for c in circles for leg in c["path"]]
