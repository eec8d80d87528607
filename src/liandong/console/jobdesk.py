"""Asking for jobs: what is asked is looked at now, and refused now, and not when its turn comes.

Nothing that somebody writes in a request names a place on this machine: files are handed in before,
or lie in the folder of imports.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from liandong.board import Board
from liandong.caller import EVERYTHING, Sight
from liandong.config import settings_now
from liandong.console.query import wrong
from liandong.errors import RefusedError
from liandong.load import SOURCES, fingerprint
from liandong.load.guess import likely_tables, need_modest
from liandong.load.mapping import read_mapping
from liandong.schema.tables import table
from liandong.step.registry import step
from liandong.store.jobs import Jobs
from liandong.store.uploads import Uploads
from liandong.texts import both

UNPACKED = 5
"""How many times the size of the largest file a file may unpack to."""
WORLD = "world"
LOOP = "loop"
Given = Mapping[str, Any]


def jobs_of(board: Board, sight: Sight = EVERYTHING) -> Jobs:
    """Return the jobs as whoever acts on a board sees them; his own, if he sees a part of it."""
    return Jobs(board.store, board.actor, own=sight.rows is not None)


def ask_run(board: Board, name: str, values: Given, *, dry_run: bool = False) -> str:
    """Ask for a run of a step; return the id of the job.

    Raises
    ------
    NotFoundError, UsageError, RefusedError
        As :meth:`.Board.run` raises them for the step, its values and the actor.
    """
    asked = step(name)
    rule = asked.rule.make(**values)
    board.need_approval(asked)
    args = {"values": rule.plain(), "dry_run": dry_run}
    return jobs_of(board).ask("run", name, args, (name,))


def ask_load(board: Board, source: str, given: Given) -> str:
    """Ask for a load; return the id of the job.

    Parameters
    ----------
    source
        As :meth:`.Board.load` takes it.
    given
        ``upload`` (id of a file that was handed in) or ``import`` (a name in the folder of
        imports), where the source reads one; ``options`` and ``mapping``.

    Raises
    ------
    NotFoundError, UsageError, DataError, RefusedError
        If there is no such file or source, or it does not take that, or the actor may not.
    """
    options = {name: _plain(name, value) for name, value in given.get("options", {}).items()}
    if mapping := given.get("mapping"):
        read_mapping(mapping, table(source).name)
        options["mapping"] = dict(mapping)
    place = {n: str(given[n]) for n in ("upload", "import") if given.get(n)}
    fingerprint(source, place_of(board, place), **options)
    args = {**place, "options": options}
    return jobs_of(board).ask("load", source, args, (f"load.{source}",))


def place_of(board: Board, given: Given) -> Path | None:
    """Return the file or folder that a load reads; None for a source that needs none."""
    if upload := given.get("upload"):
        return modest(Uploads(board.store, board.actor).path(str(upload)))
    name = given.get("import")
    return settings_now().importable(str(name)) if name else None


def modest(path: Path) -> Path:
    """Return a file that was handed in; DataError if it unpacks to far more than it is."""
    need_modest(path, UNPACKED * settings_now().upload_mb * 1_000_000)
    return path


def _plain(name: str, value: object) -> object:
    """Return the value of an option; it must be plain, and no part of a path."""
    told = str(value)
    if not isinstance(value, str | int | bool) or {"/", "\\"} & set(told) or ".." in told:
        raise wrong(name, told[:80], both("advice.plain_option"))
    return value


def ask_loop(board: Board) -> str:
    """Ask for the whole loop of the demonstration; return the id of the job.

    Raises
    ------
    RefusedError
        If the board holds anything but a made world, or a list of powers: in the demonstration
        people are played, who propose and approve.
    """
    if not loopable(board):
        raise RefusedError(actor=board.actor, action=LOOP, reason=both("refusal.loop_not_world"))
    return jobs_of(board).ask("loop", LOOP, {}, ())


def loopable(board: Board) -> bool:
    """Tell whether a board holds a made world, and nothing of anybody else's."""
    loaded = {r.step for r in board.store.runs(status="done") if r.step.startswith("load.")}
    made = {f"load.{WORLD}", "load.put"}  # its own proposals are put on the board, too
    return f"load.{WORLD}" in loaded and loaded <= made and not board.store.books.rows("power")


def sources() -> list[str]:
    """Return what may be loaded from the folder of imports: the named sources, and tables."""
    return [n for n in SOURCES if n != WORLD] + own_tables()


def own_tables() -> list[str]:
    """Return the tables that somebody may load files of his own into."""
    return [name for name, _ in likely_tables(())]
