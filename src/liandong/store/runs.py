"""Runs in the books: one row each, with what they read, wrote and counted as JSON."""

import json
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from liandong.errors import NotFoundError
from liandong.schema.sql import METADATA
from liandong.step import Run
from liandong.store.books import Books
from liandong.texts import both

RUN, SNAPSHOT = METADATA.tables["run"], METADATA.tables["snapshot"]
_JSON = ("inputs", "outputs", "counts")


def row(run: Run) -> dict[str, Any]:
    """Return a run as a row of the books."""
    found = {n: getattr(run, n) for n in RUN.columns.keys()}  # noqa: SIM118 - columns are not a dict
    return {n: json.dumps(v) if n in _JSON and v is not None else v for n, v in found.items()}


def read(row: Mapping[str, Any]) -> Run:
    """Return the run that a row of the books says."""
    return Run(**{n: json.loads(v) if n in _JSON and v is not None else v for n, v in row.items()})


def named(books: Books, run_id: str) -> Run:
    """Return one run, by its id or the beginning of it.

    Raises
    ------
    NotFoundError
        If there is none, or several begin so.
    """
    query = sa.select(RUN).where(RUN.c.run_id.startswith(run_id, autoescape=True)).limit(2)
    with books.engine.begin() as c:
        found = c.execute(query).mappings().all()
    if len(found) != 1:
        raise NotFoundError(kind=both("kind.run"), name=run_id, remedy=both("advice.list_runs"))
    return read(dict(found[0]))


def makers(books: Books, snapshots: Collection[str]) -> dict[str, Run]:
    """Return the run that first made each of some snapshots, by snapshot."""
    made = RUN.c.run_id == SNAPSHOT.c.run_id
    wanted = SNAPSHOT.c.snapshot_id.in_(snapshots)
    query = sa.select(RUN, SNAPSHOT.c.snapshot_id).join(SNAPSHOT, made).where(wanted)
    with books.engine.begin() as c:
        found = [dict(r) for r in c.execute(query).mappings()]
    return {r.pop("snapshot_id"): read(r) for r in found}
