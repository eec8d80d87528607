"""A board as the pages see it: one unchanging state for all the queries of a page."""

from collections.abc import Callable
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from liandong.console.query import Where
from liandong.console.trials import Trials
from liandong.schema.tables import table
from liandong.step import Run
from liandong.view import Why

if TYPE_CHECKING:
    from liandong.board import Board

Row = dict[str, Any]
"""One row by column name."""
Made = TypeVar("Made")
MOST_MADE = 4
"""How much that is costly to make is kept."""


class Reading:
    """One state of a board, held for reading; threads may share it.

    Parameters
    ----------
    board
        What to read.
    state
        Number of the last act: the name of this state.
    live
        Number of changes of alerts that watches had told by then.
    """

    def __init__(self, board: "Board", state: int, live: int = 0) -> None:
        from liandong.store.query import Session

        self.board = board
        self.state = state
        self.live = live
        self._session = Session(board.store)
        self._made: dict[tuple[object, ...], Any] = {}

    def close(self) -> None:
        """Free what is held; queries of other threads end first."""
        self._session.close()

    def rows(self, sql: str, *values: object, **parts: object) -> list[Row]:
        """Return the rows of one SELECT.

        Parameters
        ----------
        sql
            A constant, with ``{where}`` and the names of ``parts`` where those go; a part may
            hold ``{where}`` and other parts.
        *values
            Values of its ``?`` marks in order; a :class:`Where` stands for its own values.
        **parts
            Constants chosen by the caller, such as an order. Never anybody's text.
        """
        found: list[Row] = _whole(self._asked(sql, values, parts)).to_pylist()
        return found

    def _asked(self, sql: str, values: tuple[object, ...], parts: dict[str, object]) -> pa.Table:
        where, marks = Where(), []
        for value in values:
            where = value if isinstance(value, Where) else where
            marks.extend(value.values if isinstance(value, Where) else [value])
        asked = sql.format(where="{where}", **parts).format(where=where, **parts)
        return self._session.ask(asked, marks)

    def columns(self, sql: str, *values: object, **parts: object) -> dict[str, list[Any]]:
        """Return the columns of one SELECT as lists, which is quick for many rows.

        It must give numbers and texts alone, and no nulls among the numbers; see :meth:`rows`.
        """
        found = _whole(self._asked(sql, values, parts))
        return {n: found[n].to_numpy().tolist() for n in found.column_names}

    def once(self, key: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """Return what ``make`` gives; of what was made in this state, the last few are kept."""
        if key not in self._made:
            while len(self._made) >= MOST_MADE:
                self._made.pop(next(iter(self._made)), None)
            self._made[key] = make()
        made: Made = self._made[key]
        return made

    def keep(self, name: str, sql: str) -> None:
        """Hold the answer to a constant SELECT as a table of this state; done once."""
        self._session.keep(name, sql)

    def hold(self, name: str, data: pa.Table) -> None:
        """Hold rows that are not on the board as a table of this state, until :meth:`drop`."""
        self._session.hold(name, data)

    def drop(self, name: str) -> None:
        """Forget a table that was held."""
        self._session.drop(name)

    def one(self, sql: str, *values: object, **parts: object) -> Row:
        """Return the only row of a SELECT that aggregates; see :meth:`rows`."""
        return self.rows(sql, *values, **parts)[0]

    def first(self, sql: str, *values: object, **parts: object) -> Row | None:
        """Return the first row, None without one; see :meth:`rows`."""
        return next(iter(self.rows(sql, *values, **parts)), None)

    def why(self, name: str, key: dict[str, object]) -> Why:
        """Explain one row; see :meth:`liandong.view.View.why`."""
        return self.board.table(name).why(**key)

    @cached_property
    def runs(self) -> list[Run]:
        """All runs, oldest first."""
        return self.board.runs()

    @cached_property
    def places(self) -> dict[str, tuple[str, str | None]]:
        """Names of regions, Chinese and English, by code."""
        rows = self.rows("SELECT region_id, name, name_en FROM region")
        return {r["region_id"]: (r["name"], r["name_en"]) for r in rows}

    @cached_property
    def log_head(self) -> str:
        """Tree head over all acts."""
        return self.board.log.head()

    @cached_property
    def waiting(self) -> int:
        """How many things wait for whoever serves the pages."""
        return self.board.powers.waiting() + len(self.board.appeals.waiting())

    @cached_property
    def sealed(self) -> dict[str, Any]:
        """What outsiders can verify: which log, how many acts, how many signatures."""
        files = self.board.log.files
        note, found = files.note(), files.checkpoint()
        return {
            "origin": found.origin, "size": found.size, "head": found.top.hex(),
            "signatures": len(note.lines) if note else 0,
        }  # fmt: skip

    @cached_property
    def trials(self) -> Trials:
        """What was tried on this state without being written."""
        return Trials(self.drop)

    @cached_property
    def makers(self) -> dict[str, list[tuple[str, str]]]:
        """The part and the run of every current snapshot, by table."""
        found: dict[str, list[tuple[str, str]]] = {}
        for r in self.rows(
            "SELECT h.table_name, h.part, s.run_id FROM head h JOIN snapshot s"
            " USING (snapshot_id) ORDER BY h.table_name, h.part"
        ):
            found.setdefault(r["table_name"], []).append((r["part"], r["run_id"]))
        return found

    def source(self, name: str, at: object = None) -> list[str]:
        """Return the runs that made the current rows of a table.

        Parameters
        ----------
        name
            Table.
        at
            Only those of the part for this value, such as the ``as_of`` of a score, if there is
            such a part.
        """
        if table(name).home == "books":
            return self._writers(name)
        made = self.makers.get(name, [])
        exact = [run for part, run in made if at is not None and part.endswith(f"@{at}")]
        return list(dict.fromkeys(exact or [run for _, run in made]))

    def _writers(self, name: str) -> list[str]:
        """Return the runs that wrote into a table of the books, whose rows name them."""
        if "run_id" not in table(name).names or name == "run":
            return []
        asked = "SELECT DISTINCT run_id FROM {name} WHERE run_id IS NOT NULL ORDER BY run_id"
        return [r["run_id"] for r in self.rows(asked, name=name)]


class Reader:
    """Gives out the present state of a board, and the same one as long as nothing changes.

    Parameters
    ----------
    board
        What to read.
    """

    def __init__(self, board: "Board") -> None:
        self.board = board
        self._lock = Lock()
        self._held: Reading | None = None

    def close(self) -> None:
        """Close the board, too."""
        with self._lock:
            if self._held:
                self._held.close()
                self._held = None
            self.board.close()

    def now(self) -> Reading:
        """Return the board as it is now."""
        with self._lock:
            now = self.board.store.state(), self.board.store.changes()
            if self._held is None or (self._held.state, self._held.live) != now:
                self._held = Reading(self.board, *now)
            return self._held

    def mark(self) -> str:
        """Return the name of what there is now to be seen: another one whenever that changes."""
        return f"{self.board.store.state()}.{self.board.store.changes()}"


def _whole(data: pa.Table) -> pa.Table:
    """Turn sums, which DuckDB widens to 128 bits, back into whole numbers of 64."""
    kinds = [
        pa.int64() if pa.types.is_decimal(f.type) and not f.type.scale else f.type
        for f in data.schema
    ]
    names = zip(data.column_names, kinds, strict=True)
    return data.cast(pa.schema([pa.field(n, k) for n, k in names]))
