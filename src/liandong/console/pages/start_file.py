"""A file that was handed in: what it might be, how it is read, and what would come of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from liandong.console.jobdesk import modest
from liandong.console.mapped import Draft
from liandong.console.query import Query
from liandong.console.reading import Reading
from liandong.console.typed import Row, Rows
from liandong.errors import LiandongError
from liandong.load import load, part_name
from liandong.load.guess import Guess, examples, guess, likely_tables
from liandong.load.sheet import Sheet, read_sheet
from liandong.load.workbook import sheets_of
from liandong.schema.parse import UNITS
from liandong.schema.tables import table
from liandong.store.uploads import Uploads

BLOCKS = ("errors", "preview")
SHOWN = 10
"""Rows that are shown as they would be read."""
MOST = 10_000
"""Wrong values that the list holds."""
ENCODINGS = ("utf-8", "gb18030", "utf-16")


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the mapping of a file that was handed in, and with ``check`` what it would bring.

    A file that cannot be read is no error of this page: ``problem`` says what is wrong with it.

    Raises
    ------
    NotFoundError
        If there is no such file, or no longer.
    """
    path = Uploads(reading.board.store, reading.board.actor).path(query.text("upload"))
    found: Row = {
        "upload": query.text("upload"), "name": path.name, "problem": None, "columns": [],
        "tables": [], "table": "", "fields": [], "examples": {}, "toml": "", "preview": [],
        "errors": [], "counts": None, "replaces": None, "encodings": list(ENCODINGS),
        "encoding": query.choice("encoding", ENCODINGS), "sources": {},
        "sheets": [], "sheet": query.text("sheet"),
    }  # fmt: skip
    try:
        found["sheets"] = sheets_of(modest(path))
        sheet = read_sheet(path, query.text("encoding"), sheet=found["sheet"])
        likely = likely_tables([n for n in sheet.data.column_names if n])
        name = query.choice("table", [n for n, _ in likely]) or likely[0][0]
        guesses = guess(sheet, table(name))
        draft = Draft.of(query, name) or Draft.guessed(name, guesses)
        found |= {"tables": [{"name": n, "likely": p} for n, p in likely], "table": name}
        found |= _mapping(sheet, draft, guesses)
        if query.text("check"):
            found |= _preview(reading, path, draft, query)
    except LiandongError as error:
        # Where the service keeps it is nobody's business.
        found["problem"] = {
            lang: error.text(lang).replace(str(path), path.name) for lang in ("zh", "en")
        }
    return found


def _mapping(sheet: Sheet, draft: Draft, guesses: Mapping[str, Guess]) -> Row:
    return {
        "columns": [n for n in sheet.data.column_names if n],
        "rows": len(sheet.data),
        "fields": [
            {
                "name": f.name, "kind": f.kind, "zh": f.zh, "en": f.en, "required": not f.null,
                "units": list(UNITS.get(f.kind, {})), "choices": list(f.choices),
                "confidence": guesses[f.name].confidence, "guessed": guesses[f.name].column,
                **draft.field(f.name),
            }
            for f in table(draft.table).fields
        ],
        "examples": examples(sheet),
        "toml": draft.toml(),
    }  # fmt: skip


def _preview(reading: Reading, path: Path, draft: Draft, query: Query) -> Row:
    """Return what a load of this file would bring; nothing is written."""
    reading.need_all(f"load.{draft.table}")  # it is held against all rows that there are
    board, name, part = reading.board, draft.table, part_name(draft.table, path)
    found = load(name, path, **draft.given(query)).without({name: board.others(name, part)})
    good, errors = found.tables[name], found.errors
    earlier = next((h for h in board.store.heads(name) if h["part"] == part), None)
    return {
        "preview": Rows(good.slice(0, SHOWN).to_pylist(), good.schema),
        "errors": errors.slice(0, MOST).to_pylist(),
        "counts": {
            "good": len(good), "refused": sum(found.refused.values()), "copies": found.copies,
            "errors": len(errors),
        },
        "replaces": {"rows": earlier["rows"], "run_id": earlier["run_id"]} if earlier else None,
    }  # fmt: skip
