"""A live watch: kill -9 at any moment, and the same hash in any way that events come."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import liandong as ld
from liandong.delivery.files import FileSource
from liandong.delivery.live import Live
from liandong.schema.arrow import arrow_schema
from liandong.testing import check_watch
from measure import figures
from watch_delivery import RULE, lake_of, postgres, table_of
from watch_windows import events

CHILD = Path(__file__).parents[1] / "tests" / "crash" / "watch_child.py"


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    kills = 3 if quick else 720
    table = table_of(events(300_000 if quick else 1_000_000))
    with tempfile.TemporaryDirectory() as name, postgres(Path(name)) as urls:
        found = _same(table.slice(0, 600), 8 if quick else 1_000)
        return found | _kills(Path(name), table.slice(0, 120 * kills), kills, urls)


def _same(table: pa.Table, cases: int) -> dict[str, object]:
    """Let events of a few subjects come in many ways."""
    few = pc.utf8_slice_codeunits(table["subject_id"], 0, 1)
    at = table.column_names.index("subject_id")
    table = table.set_column(at, "subject_id", few).cast(arrow_schema("watch_event"))
    try:
        found = check_watch(RULE, table, cases, seed=5)
    except AssertionError as error:
        return {"hash.equal": 0, "hash.differs": str(error), "hash.cases": cases}
    return {"hash.equal": int(found > 0), "hash.cases": cases, "hash.warnings": found}


def _kills(folder: Path, table: pa.Table, kills: int, urls: list[str]) -> dict[str, object]:
    """Kill a watch again and again, on both kinds of books, and compare them with a calm run."""
    path, rule = folder / "kill.parquet", folder / "rule.toml"
    pq.write_table(table, path, row_group_size=1 << 12)
    rule.write_text(RULE.to_toml(), "utf-8")
    most = max(50, len(table) // (4 * kills))
    with ld.open(folder / "calm.board", actor="bench") as board:
        with Live(board, "killed", FileSource(path, most=most), RULE) as live:
            live.run()
        calm = _rows(board)
    found: dict[str, object] = {"kills": 0, "lost": 0, "doubled": 0, "changed": 0}
    for location in (str(folder / "killed.board"), *urls):
        given = (location, lake_of(folder, location), path, rule, 7, kills, most)
        command = [sys.executable, str(CHILD), *map(str, given)]
        said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        with ld.open(location, lake=lake_of(folder, location), actor="bench") as board:
            rows = _rows(board)
        ids = [r[0] for r in rows]
        both = {r[0]: r for r in rows}
        for name, count in {
            "kills": said["met"], "lost": len({r[0] for r in calm} - set(ids)),
            "doubled": len(ids) - len(set(ids)),
            "changed": sum(both.get(r[0], r) != r for r in calm),
        }.items():  # fmt: skip
            found[name] = int(str(found[name])) + count
    found["rows"] = len(calm)
    found["postgresql"] = "killed, too" if urls else "missing"
    return figures("kill9", found)


def _rows(board: ld.Board) -> list[tuple[object, ...]]:
    """Return all that was said, and every change of an alert, each with a name of its own first."""
    names = ("warning_id", "seq", "rule", "event_id", "at", "seen_at", "level", "evidence")
    said = [
        tuple(r[n] for n in names) for r in board.store.books.rows("live_warning", watch="killed")
    ]
    names = ("seq", "known_from", "change", "state", "level", "warnings", "closed_at", "evidence")
    changes = board.store.books.rows("alert_change", watch="killed")
    return said + [(f"{r['alert_id']}@{r['seq']}", *(r[n] for n in names)) for r in changes]
