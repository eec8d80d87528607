"""One run: what it read and who made that, its rule, version and seed, what it wrote, its acts."""

from typing import Any

from liandong.console.pages.runs import brief
from liandong.console.provenance import provenance
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.step import Run


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the record of one run, named by its id or the beginning of it.

    Raises
    ------
    NotFoundError
        If there is none, or several begin so.
    """
    run = reading.board.store.run(query.text("run_id"))
    return {
        "run": brief(run),
        "made": provenance(reading, run),
        "inputs": _inputs(reading, run),
        "outputs": _outputs(reading, run),
        "rule": reading.first("SELECT * FROM rule WHERE rule_id = ?", run.rule_id),
        "acts": reading.rows(
            'SELECT seq, "at", actor, action, leaf FROM act WHERE subject = ? ORDER BY seq',
            run.run_id,
        ),
        "sources": {},
    }


def _inputs(reading: Reading, run: Run) -> list[Row]:
    """Return what was read by content hash, with the run that made it where the board did."""
    made = {
        r["snapshot_id"]: r
        for r in reading.rows(
            'SELECT snapshot_id, part, run_id, "rows" FROM snapshot'
            " WHERE list_contains(?, snapshot_id)",
            [i for ids in run.inputs.values() for i in ids],
        )
    }
    blank = {"part": None, "run_id": None, "rows": None}
    steps = {r.run_id: r.step for r in reading.runs}
    found = [
        {"name": name, **blank, **made.get(i, {}), "hash": i}
        for name, ids in run.inputs.items()
        for i in ids
    ]
    return [{**r, "step": steps.get(r["run_id"])} for r in found]


def _outputs(reading: Reading, run: Run) -> list[Row]:
    snapshots = run.outputs or {}
    sizes = {
        r["snapshot_id"]: r
        for r in reading.rows(
            "SELECT s.snapshot_id, s.bytes, s.sha256, h.snapshot_id IS NOT NULL AS current"
            " FROM snapshot s LEFT JOIN head h USING (snapshot_id)"
            " WHERE list_contains(?, s.snapshot_id)",
            list(snapshots.values()),
        )
    }
    blank = {"snapshot_id": None, "bytes": None, "sha256": None, "current": None}
    return [
        {"name": name, "rows": count, **blank, **sizes.get(snapshots.get(name, ""), {})}
        for name, count in (run.counts or {}).items()
    ]
