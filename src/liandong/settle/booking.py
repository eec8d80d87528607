"""Posting shares into the ledger: what agreements give, once, and corrections by reversal."""

from collections import defaultdict
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import arrow_schema
from liandong.schema.tables.ledger import REVERSAL
from liandong.settle.ledger import CONTENT, Row, accounts_of
from liandong.step import Rule, Tables, fold

PREFIX = "share:"
"""What the ids of entries begin with that come of shares."""


class BookRule(Rule):
    """How shares are posted.

    Attributes
    ----------
    since
        What would hold before this day holds on it, for days before it are closed.
    """

    since: date | None = None


@fold(
    reads=("share", "share_entry", "entry"),
    writes=("account", "entry"),
    rule=BookRule,
    needs={"share": "settle.share"},
)
def book(tables: Tables, rule: BookRule) -> Tables:
    """Post ``share_entry`` into the ledger; what is there already is not posted again.

    An entry has the id of its share, ``share:ID``. If a share has become another one, or is no
    longer there, what was posted is taken back by ``reversal:share:ID``, and the new amount is
    ``share:ID:2``. Agreements of which there are no shares at all are left alone.
    """
    wanted = {r["entry_id"]: r for r in tables["share_entry"].to_pylist()}
    names = set(tables["share"]["agreement"].to_pylist())
    stands, posted = _standing(tables["entry"], names)
    made: list[Row] = []
    for key in sorted(wanted.keys() | stands.keys()):
        new, old = wanted.get(key), stands.get(key)
        if new and old and all(new[n] == old[n] for n in CONTENT):
            continue
        made += [_taken_back(old)] if old else []
        number = posted[key] + 1
        own = PREFIX + key + (f":{number}" if number > 1 else "")
        made += [{**new, "entry_id": own}] if new else []
    for row in made if rule.since else ():
        row["event_time"] = max(row["event_time"], rule.since)
    return {
        **accounts_of(wanted.values()),
        "entry": pa.Table.from_pylist(made, schema=arrow_schema("entry")),
    }


def _standing(entry: pa.Table, names: set[str]) -> tuple[dict[str, Row], dict[str, int]]:
    """Return the entries of shares that nothing has taken back, and how many there were of each."""
    ids = entry["entry_id"]
    back = entry.filter(pc.starts_with(ids, REVERSAL + PREFIX))
    undone = set(back["ref"].to_pylist())
    stands, posted = dict[str, Row](), defaultdict[str, int](int)
    for row in entry.filter(pc.starts_with(ids, PREFIX)).to_pylist():
        key = row["entry_id"].split(":")[1]
        posted[key] += 1
        if row["entry_id"] not in undone and row["agreement"] in names:
            stands[key] = row
    return stands, posted


def _taken_back(old: Row) -> Row:
    """Return the reversal of an entry, as the ledger itself makes it."""
    kept = {n: old[n] for n in ("amount", "unit", "phase", "event_time", "agreement")}
    turned = {"debit": old["credit"], "credit": old["debit"], "ref": old["entry_id"]}
    return {**kept, **turned, "entry_id": REVERSAL + old["entry_id"]}
