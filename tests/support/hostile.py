"""A filled board whose texts are all attacks, and what finds those that succeed."""

import json
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import liandong as ld
from liandong.schema.sql import METADATA
from liandong.schema.tables import TABLES

ATTACKS = (
    '"><xss onload=alert(1)>', "'><img src=x onerror=alert(1)>", "</script><svg/onload=alert(1)>",
    "javascript:alert(1)//<xss/>", "{{'xy'*4}}${'xy'*4}<%='xy'*4%>",
    "\u2028</textarea><xss/>\u202e",
    'x" onfocus="alert(1)" autofocus="', "--></title></style><xss>", "&lt;xss&gt;&#60;xss&#62;",
)  # fmt: skip
STRUCTURED = frozenset(
    {"scenario", "experiment", "red_flag", "responsibility", "case_link", "case_tally"}
)
"""Tables whose JSON names other tables, or amounts with their units."""
LINKS = frozenset({"href", "src", "action", "formaction", "xlink:href", "data"})


def poison(board: ld.Board) -> set[str]:
    """Put an attack into each text, JSON and the reasons of each row; return the tables with any.

    The files of the lake are written anew behind the back of the books. What is found by a text,
    such as a period, is found by the attack then.
    """
    snapshot, found = METADATA.tables["snapshot"], set()
    with board.store.books.writing() as c:
        for row in board.store.books.rows("snapshot"):
            files = [*(board.store.lake.root / row["path"]).rglob("*.parquet")]
            if sum(_poisoned(row["table_name"], file) for file in files):
                found.add(row["table_name"])
                size = sum(f.stat().st_size for f in files)
                here = snapshot.c.snapshot_id == row["snapshot_id"]
                c.execute(snapshot.update().where(here).values(bytes=size))
    return found


def _poisoned(table: str, file: Path) -> bool:
    """Put attacks into a file; tell whether there was anything to put them into."""
    data = pq.read_table(file, partitioning=None)
    kinds = {f.name: f.kind for f in TABLES[table].fields if f.kind in _PUT}
    if table in STRUCTURED:
        kinds = {n: kind for n, kind in kinds.items() if kind != "json"}
    taken = [n for n in kinds if data[n].null_count < len(data)]
    for name in taken:
        at = data.schema.get_field_index(name)
        put = _PUT[kinds[name]]
        made = [v and put(a, v) for a, v in zip(cycle(ATTACKS), data[name].to_pylist())]
        data = data.set_column(at, data.schema.field(at), pa.array(made, data.schema.types[at]))
    if taken:
        pq.write_table(data, file)
    return bool(taken)


def _in_json(attack: str, value: Any) -> Any:
    """Put an attack before every text of a value of JSON, but for names."""
    if isinstance(value, dict):
        return {name: _in_json(attack, v) for name, v in value.items()}
    if isinstance(value, list):
        return [_in_json(attack, v) for v in value]
    return attack + value if isinstance(value, str) else value


_PUT = {
    "text": lambda attack, value: attack + value,
    "json": lambda attack, value: json.dumps(_in_json(attack, json.loads(value))),
    "reasons": lambda attack, value: [*value, {"code": attack, "points": 1}],
}
"""How an attack is put into a value, by its kind."""


class Page(HTMLParser):
    """Notes what on a page runs, or could, that no page of ours has.

    Attributes
    ----------
    faults
        What was found.
    said
        All its text and values, as a reader sees them.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.said: list[str] = []
        self._runs = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "xss" or [n for n in given if n.startswith("on") or n in {"autofocus", "style"}]:
            self.faults.append(f"<{tag} {given}>")
        for name in LINKS & given.keys():
            if (
                "".join((given[name] or "").split())
                .lower()
                .startswith(("javascript:", "data:text"))
            ):
                self.faults.append(f"<{tag} {name}={given[name]}>")
        self._runs = tag == "script" and given.get("type", "module") in {
            "module",
            "text/javascript",
        }
        self.said += [v for v in given.values() if v]

    def handle_data(self, data: str) -> None:
        if self._runs and data.strip():
            self.faults.append(data)
        self._runs = False
        self.said.append(data)
