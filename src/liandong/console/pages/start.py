"""The first run: a world is made, a file of one's own is handed in, or a known source is read."""

from typing import Any

from liandong.config import settings_now
from liandong.console.jobdesk import WORLD, loopable, sources
from liandong.console.query import Query
from liandong.console.reading import Reading
from liandong.load import SOURCES
from liandong.schema.tables import TABLES


def data(reading: Reading, query: Query) -> dict[str, Any]:  # noqa: ARG001 - of every page
    """Return what there is to begin with."""
    settings = settings_now()
    named = {n: s._asdict() for n, s in SOURCES.items() if n != WORLD}
    loads = [f"load.{n}" for n in sources()]
    return {
        "loads": sum(r.step.startswith("load.") for r in reading.runs),
        "loopable": loopable(reading.board),
        "imports": [p.name for p in settings.importables()],
        "known": named,
        "all_sources": sources(),
        "most": settings.upload_mb,
        # As long as one of them may be loaded, there is something to press for.
        "barred": loads[0] if all(map(reading.lacking, loads)) else "",
        "sources": {},
        "importable": [{"name": n, **_label(n)} for n in sources()],
    }


def _label(name: str) -> dict[str, str]:
    """Return what a source or a table is called."""
    found = SOURCES.get(name) or TABLES[name]
    return {"zh": found.zh, "en": found.en}
