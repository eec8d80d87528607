"""All tables with their number of rows and who made them."""

from typing import Any

from liandong.console.pages.table import count_rows
from liandong.console.query import Query, Where
from liandong.console.reading import Reading
from liandong.schema.tables import TABLES


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return every table of the schema."""
    del query  # the list is always whole
    held = {
        r["table_name"]: r["rows"]
        for r in reading.rows(
            "SELECT h.table_name, sum(s.rows) AS rows FROM head h JOIN snapshot s"
            " USING (snapshot_id) GROUP BY h.table_name"
        )
    }
    return {
        "rows": [
            {"name": t.name, "zh": t.zh, "en": t.en, "home": t.home, "secret": t.secret,
             "fields": len(t.fields), "rows": _count(reading, t.name, held)}
            for t in TABLES.values()
        ],
        "sources": {name: reading.source(name) for name in TABLES},
    }  # fmt: skip


def _count(reading: Reading, name: str, held: dict[str, int]) -> int:
    if TABLES[name].home == "lake":
        return held.get(name, 0)
    return count_rows(reading, name, Where())
