"""Holding a board against its own log: what was changed behind its back, and where.

The act of every run names its snapshots and a hash of the book rows it added; the act log itself is
hashed leaf by leaf. Whoever keeps an earlier head of the log can prove the rest.
"""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from liandong.errors import LiandongError
from liandong.govern.casework import fold
from liandong.schema.tables import TABLES
from liandong.schema.tables.casework import ACTIONS
from liandong.schema.tables.ledger import RUN_ID
from liandong.step.rule import content_id_of
from liandong.store import appeals, authority, uses
from liandong.store.acts import faults
from liandong.store.books import rows_id
from liandong.store.casework import read
from liandong.store.lake import snapshot_id
from liandong.store.ledger.checking import ledger_faults
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.store.store import Store

Fault = dict[str, str]
"""What is wrong, in words of each language."""
Row = dict[str, Any]


def audit(store: "Store", progress: Callable[[str, int, int], None] | None = None) -> list[Fault]:
    """Return everything on the board that does not match its hash or its act.

    Parameters
    ----------
    progress
        Called with what is looked at, how many are done, and of how many.
    """
    log = store.books.rows("act")
    found = faults(log)
    if found:
        return found  # nothing can be held against a log that is itself off
    done = [
        json.loads(a["body"]) | {"run_id": a["subject"]} for a in log if a["action"] == "run.done"
    ]
    found += _snapshots(store, done, progress)
    found += _heads(store, done)
    found += _rules(store)
    found += _cases(store, log)
    found += _casework(store, log)
    found += _rows(store, done)
    found += ledger_faults(store, log)
    found += _shares(store)
    found += _powers(store, log)
    return found


def _shares(store: "Store") -> Iterator[Fault]:
    """Look whether agreements have given out all that came in, in every unit."""
    names = set(store.read("share")["agreement"].to_pylist())
    pools = {r["account_id"]: r for r in store.books.rows("account") if r["owner_id"] in names}
    for r in store.books.rows("balance") if pools else ():
        left = r["credit"] - r["debit"]
        if r["account_id"] in pools and left:
            yield both("fault.shares_left", account=r["account_id"], left=left)


def _snapshots(
    store: "Store", done: list[Row], progress: Callable[[str, int, int], None] | None
) -> Iterator[Fault]:
    known = {s for d in done for s in d["outputs"].values()}
    current = {h["snapshot_id"] for h in store.books.rows("head")}
    rows = store.books.rows("snapshot")
    for i, s in enumerate(rows):
        if progress:
            progress("snapshots", i + 1, len(rows))
        named = {"snapshot": s["snapshot_id"], "table": s["table_name"]}
        intact = store.lake.hash_of(s["path"]) == s["sha256"]
        if not intact or snapshot_id(s["table_name"], s["part"], s["sha256"]) != s["snapshot_id"]:
            now = s["snapshot_id"] in current
            yield both("fault.snapshot_current" if now else "fault.snapshot_earlier", **named)
        elif s["snapshot_id"] not in known:
            yield both("fault.snapshot_unknown", **named)


def _heads(store: "Store", done: list[Row]) -> Iterator[Fault]:
    wanted = {(t, d["part"]): s for d in done for t, s in d["outputs"].items()}
    held = {(h["table_name"], h["part"]): h["snapshot_id"] for h in store.books.rows("head")}
    for key in sorted(wanted.keys() | held.keys()):
        if wanted.get(key) != held.get(key):
            yield both("fault.head", table=key[0], part=key[1])


def _rules(store: "Store") -> Iterator[Fault]:
    for r in store.books.rows("rule"):
        if content_id_of(r["kind"], r["toml"]) != r["rule_id"]:
            yield both("fault.rule_changed", rule=r["rule_id"])


def _cases(store: "Store", log: list[Row]) -> Iterator[Fault]:
    told = {a["subject"]: (a["action"], a["actor"]) for a in log if a["action"].startswith("case.")}
    for c in store.books.rows("case"):
        action, actor = told.get(c["case_id"], ("", ""))
        wanted = "case.propose" if c["state"] == "open" else f"case.{c['state']}"
        who = c["maker"] if c["state"] in {"open", "withdrawn"} else c["checker"]
        if (action, actor) != (wanted, who):
            yield both("fault.case_changed", case=c["case_id"])


def _casework(store: "Store", log: list[Row]) -> Iterator[Fault]:
    """Hold what was done to cases of alerts against the log, and the cases against that."""
    by_case: dict[str, list[Row]] = {}
    told = {a["seq"]: a for a in log if a["action"] in ACTIONS and "seq" in json.loads(a["body"])}
    for r in read(store.books.rows("case_act")):
        by_case.setdefault(r["case_id"], []).append(r)
        if not _as_logged(r, told.pop(r["act"], None)):
            yield both("fault.case_act", case=r["case_id"], seq=r["seq"])
    for a in told.values():
        yield both("fault.case_act_lost", act=a["seq"])
    rows = {c["case_id"]: c for c in store.books.rows("alert_case")}
    alerts: dict[str, list[Row]] = {}
    for r in store.books.rows("case_alert"):
        alerts.setdefault(r["case_id"], []).append(r)
    for case_id in sorted(by_case.keys() | rows.keys() | alerts.keys()):
        if not _adds_up(by_case.get(case_id, []), rows.get(case_id), alerts.get(case_id, [])):
            yield both("fault.case_changed", case=case_id)


def _as_logged(r: Row, a: Row | None) -> bool:
    """Tell whether a row of ``case_act`` is what an act of the log says."""
    said = {"seq": r["seq"], "at": r["at"].isoformat(), "body": r["body"]}
    wanted = (f"case.{r['kind']}", r["case_id"], r["actor"], said)
    return a is not None and wanted == (
        a["action"], a["subject"], a["actor"], json.loads(a["body"])
    )  # fmt: skip


def _adds_up(done: list[Row], row: Row | None, alerts: list[Row]) -> bool:
    """Tell whether a case and its alerts are what its acts make of them."""
    try:
        case = fold(done)
    except (LiandongError, KeyError, TypeError, ValueError):
        return False
    held = [{**a, "case_id": case.case_id} for _, a in sorted(case.held.items())]
    return case.row() == row and held == alerts


def _powers(store: "Store", log: list[Row]) -> Iterator[Fault]:
    """Hold the list of powers, what was done with them, and appeals against the log."""
    added = [json.loads(a["body"]) for a in log if a["action"] == authority.CHANGE]
    for name in sorted(authority.LISTS):
        wanted = {i: h for body in added for i, h in body.get(name, {}).items()}
        held = authority.hashes(name, store.books.rows(name))
        for row in sorted(wanted.keys() | held.keys()):
            if wanted.get(row) != held.get(row):
                yield both("fault.power_changed", table=name, row=row)
    for seq in _unlike(store, log, "power_act", uses.KINDS, uses.as_logged):
        yield both("fault.power_act", act=seq)
    for seq in _unlike(store, log, "appeal", appeals.KINDS, appeals.as_logged):
        yield both("fault.appeal", act=seq)


def _unlike(
    store: "Store", log: list[Row], name: str, kinds: frozenset[str],
    as_logged: Callable[[Row, Row], bool],
) -> Iterator[int]:  # fmt: skip
    """Give the acts that are not what the rows of a table say, or have none."""
    told = {a["seq"]: a for a in log if a["action"] in kinds}
    rows = {r["act"]: r for r in store.books.rows(name)}
    for seq in sorted(told.keys() | rows.keys()):
        if seq not in told or seq not in rows or not as_logged(rows[seq], told[seq]):
            yield seq


def _rows(store: "Store", done: list[Row]) -> Iterator[Fault]:
    """Hold the rows that each run added to the books against the hash in its act."""
    for name in (n for n, t in TABLES.items() if RUN_ID in t.fields):
        by_run: dict[str, list[Row]] = {}
        for r in store.books.rows(name):
            if r["run_id"] is not None:
                by_run.setdefault(r["run_id"], []).append(r)
        # A run that was done again has added nothing the second time.
        wanted = {d["run_id"]: d["rows"][name] for d in reversed(done) if d["rows"].get(name)}
        for run_id in sorted(by_run.keys() | wanted.keys()):
            if rows_id(name, by_run.get(run_id, [])) != wanted.get(run_id):
                yield both("fault.rows_changed", table=name, run=run_id)
