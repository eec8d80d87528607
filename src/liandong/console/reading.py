"""A board as the pages see it: one unchanging state for all the queries of a page."""

from collections.abc import Callable, Iterator
from copy import copy
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from liandong.caller import EVERYTHING, READ, Caller, Sight, covers
from liandong.console.held import Held
from liandong.console.links import decision_link
from liandong.console.lookup import Lookup
from liandong.console.proposed import APPEALS, PROPOSED, UNKNOWN, Known, case_known, decides
from liandong.console.query import Where
from liandong.console.trials import Trials
from liandong.console.typed import Rows
from liandong.errors import RefusedError
from liandong.govern.casework import CLOSE
from liandong.schema.tables import table
from liandong.step import Run
from liandong.store.acts import beyond
from liandong.store.asking import amount
from liandong.texts import both
from liandong.types import today
from liandong.view import Why

if TYPE_CHECKING:
    from liandong.board import Board

Row = dict[str, Any]
"""One row by column name."""
Made = TypeVar("Made")
MOST_MADE = 16
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
    held
        What is shared with others who see the same; all rows, unmasked, without it.
    caller
        Who reads; whoever acts on the board, without it.
    """

    def __init__(
        self, board: "Board", state: int, live: int = 0, held: Held | None = None,
        caller: Caller | None = None,
    ) -> None:  # fmt: skip
        self.board = board
        self.state = state
        self.live = live
        self.held = held or Held(board, EVERYTHING, (state, live))
        self.caller = caller or Caller(board.actor)

    def close(self) -> None:
        """Free what is held; queries of other threads end first."""
        self.held.session.close()

    @property
    def runs(self) -> list[Run]:
        """All runs, oldest first."""
        return self.held.runs

    @property
    def places(self) -> dict[str, tuple[str, str | None]]:
        """Names of regions, Chinese and English, by code."""
        return self.held.places

    @property
    def offices(self) -> dict[str, tuple[str, str | None]]:
        """Names of banks, funds and governments that the caller sees, by id."""
        return self.held.offices

    def rows(self, sql: str, *values: object, **parts: object) -> Rows:
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
        found = _whole(self.held.session.ask(*_filled(sql, values, parts)))
        return Rows(found.to_pylist(), found.schema)

    def batches(self, sql: str, *values: object, **parts: object) -> Iterator[pa.RecordBatch]:
        """Yield the rows of one SELECT as they come, never all at once; see :meth:`rows`."""
        return self.held.session.stream(*_filled(sql, values, parts))

    def columns(self, sql: str, *values: object, **parts: object) -> dict[str, list[Any]]:
        """Return the columns of one SELECT as lists, which is quick for many rows.

        It must give numbers and texts alone, and no nulls among the numbers; see :meth:`rows`.
        """
        found = _whole(self.held.session.ask(*_filled(sql, values, parts)))
        return {n: found[n].to_numpy().tolist() for n in found.column_names}

    def once(self, key: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """Return what ``make`` gives; of what was made in this state, the last few are kept."""
        kept = self.held.made
        made: Made | None = kept.pop(key, None)
        if made is None:
            made = make()
        while len(kept) >= MOST_MADE:
            kept.pop(next(iter(kept)), None)
        kept[key] = made  # the last of the row: what nobody asks for any more goes first
        return made

    def keep(self, name: str, sql: str) -> None:
        """Hold the answer to a constant SELECT as a table of this state; done once."""
        self.held.session.keep(name, sql)

    def hold(self, name: str, data: pa.Table, like: str | None = None) -> None:
        """Hold rows that are not on the board as a table of this state; see ``Session.hold``."""
        self.held.session.hold(name, data, like)

    def arrow(self, name: str) -> pa.Table:
        """Return all rows of a table that the caller sees."""
        return self.held.session.ask(f'SELECT * FROM "{table(name).name}"')  # noqa: S608 - of the schema

    def drop(self, name: str) -> None:
        """Forget a table that was held."""
        self.held.session.drop(name)

    def one(self, sql: str, *values: object, **parts: object) -> Row:
        """Return the only row of a SELECT that aggregates; see :meth:`rows`."""
        return self.rows(sql, *values, **parts)[0]

    def first(self, sql: str, *values: object, **parts: object) -> Row | None:
        """Return the first row, None without one; see :meth:`rows`."""
        return next(iter(self.rows(sql, *values, **parts)), None)

    def why(self, name: str, key: dict[str, object]) -> Why:
        """Explain one row; see :meth:`liandong.view.View.why`."""
        view, known = self.board.table(name), self._looked_up(name, key)
        if known is None:
            session = self.held.session
            return view.why(session.ask, lambda: [run for _, run in session.parts(name)], **key)
        found, row = known
        return view.explain(found.rows([row])[0], found.run(row))

    def writer(self, name: str, key: dict[str, object]) -> str | None:
        """Return the run that wrote a row, if that is known without asking."""
        known = self._looked_up(name, key)
        return known and known[0].run(known[1])

    def _looked_up(self, name: str, key: dict[str, object]) -> tuple[Lookup, int] | None:
        """Return a table with the row of a whole key, if both are there without asking."""
        found = self.held.lookups.ready(name)
        row = None if found is None else found.only(self.board.table(name).values(key))
        return None if found is None or row is None else (found, row)

    def need(self, name: str, **key: object) -> None:
        """Refuse what is not there, or that the caller does not see; both look the same.

        Raises
        ------
        NotFoundError
            If there is no such row for him.
        """
        self.why(name, key)

    def need_all(self, action: str) -> None:
        """Refuse what concerns the whole board to who sees a part of it.

        Raises
        ------
        RefusedError
            If he does.
        """
        if self.caller.sight.rows is not None:
            reason = both("refusal.sees_part")
            raise RefusedError(actor=self.caller.actor, action=action, reason=reason)

    @property
    def trials(self) -> Trials:
        """What was tried on this state without being written."""
        return self.held.trials

    @cached_property
    def waiting(self) -> int:
        """How many things wait for whoever acts."""
        actor = self.board.actor
        appeals = self.once(("appeals", actor), lambda: int(self.one(APPEALS, actor)["n"]))
        mine = [r for r in self.decisions if self._reaches(r)]
        return self.board.powers.waiting() + appeals + len(mine)

    @cached_property
    def decisions(self) -> list[Row]:
        """What others proposed that the caller may decide on, with the page where that is done."""
        others = [r for r in self.proposed if r["maker"] != self.board.actor]
        return [r for r in others if r["address"] and not self.lacking(decides(r["action"]))]

    def _reaches(self, proposed: Row) -> bool:
        """Tell whether a power of the caller goes as far as deciding on this takes."""
        return not self.lacking(decides(proposed["action"]), self.known(proposed))

    @cached_property
    def proposed(self) -> list[Row]:
        """What waits for a decision, with the page where that is done; None if out of sight."""
        rows = self.once(("proposed",), lambda: self.rows(PROPOSED))
        return [{**r, "address": decision_link(r)} for r in rows]

    def lacking(self, actions: str, about: Known = UNKNOWN) -> str:
        """Return the first of some actions, with blanks between, that the caller has no power for.

        Parameters
        ----------
        about
            By action, what is known of that to which it would be done. Of others a power is
            looked for, however far it reaches: that is decided when something is done.
        """
        if not actions:
            return ""
        day = today()  # powers begin and end without any act
        index = self.once(("powers", day), lambda: self.board.powers.listed().index)
        own = self.board.actor

        def lacks(action: str) -> bool:
            if not index.names(action):
                return False
            if action not in about:
                return not index.held(own, action)
            words = {**about[action]}
            return not index.reaches(own, action, words.pop("amount"), words)

        return next((a for a in actions.split() if lacks(a)), "")

    def known(self, proposed: Row) -> Known:
        """Return what is known of what was proposed: to whoever decides on it."""
        if proposed["action"] == CLOSE:
            return case_known(proposed)
        stake = self.at_stake(proposed["action"], proposed["subject"])
        return {decides(proposed["action"]): {"amount": stake}}

    def at_stake(self, action: str, subject: str | None = None) -> int | None:
        """Return how many fen an approval is about, see :func:`.asking.amount`."""
        key = ("stake", action, subject)
        return self.once(key, lambda: (amount(self.board.store, action, subject),))[0]

    def appeals(self, rows: list[Row]) -> list[Row]:
        """Return those appeals that the caller sees."""
        if self.caller.sight.rows is None:
            return rows
        seen = {r["act"] for r in self.rows("SELECT act FROM appeal")}
        return [r for r in rows if r["act"] in seen]

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
        made = self.held.makers.get(name, [])
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
        What to read, and as whom.
    """

    def __init__(self, board: "Board") -> None:
        self.board = board
        self.caller = Caller(board.actor)
        self._lock = Lock()
        self._held: dict[Sight, Held] = {}

    def of(self, caller: Caller) -> "Reader":
        """Return the same reader for whoever asks: what he sees and does."""
        found = copy(self)
        found.caller = caller
        login = caller.how != "machine"
        if login or (caller.actor, caller.scope) != (self.caller.actor, self.caller.scope):
            found.board = self.board.acting(caller.actor, caller.scope, login=login)
        return found

    def may(self, action: str) -> "Reader":
        """Return this reader, unless it is that of a token which is not for an action.

        For what writes nothing, or writes it later: the books hold the rest to the scope.

        Raises
        ------
        RefusedError
            If it is.
        """
        scope = self.caller.scope
        if not covers(scope, action):
            raise beyond(self.caller.actor, action, scope)
        return self

    def whole(self, action: str) -> "Reader":
        """Return this reader for what concerns the whole board; see :meth:`Reading.need_all`."""
        self.now().need_all(action)
        return self

    def close(self) -> None:
        """Close the board, too."""
        with self._lock:
            for held in self._held.values():
                held.session.close()
            self._held.clear()
            self.board.close()

    def now(self, *, blind: bool = False) -> Reading:
        """Return the board as it is now; ``blind``: also for who may see none of its parties.

        Raises
        ------
        RefusedError
            If the list of powers lets others read the board, but not the caller.
        """
        mine = self.caller.sight
        if mine.rows == () and not blind:
            reason = both("refusal.no_power")
            raise RefusedError(actor=self.caller.actor, action=READ, reason=reason)
        with self._lock:
            # A request knows what was when it began: others may have been given what came since.
            now = max([self.board.store.now(), *(h.state for h in self._held.values())])
            before = self._held.get(mine)
            for sight in [s for s, held in self._held.items() if held.state != now]:
                del self._held[sight]  # closed when the last one who reads it has ended
            if mine not in self._held:
                self._held[mine] = Held(self.board, mine, now, before)
            return Reading(self.board, *now, self._held[mine], self.caller)

    def mark(self) -> str:
        """Return the name of what there is now to be seen: another one whenever that changes."""
        return "{}.{}".format(*self.board.store.now())


def _filled(
    sql: str, values: tuple[object, ...], parts: dict[str, object]
) -> tuple[str, list[object]]:
    """Return a SELECT with its parts in place, and the values of its marks."""
    where, marks = Where(), list[object]()
    for value in values:
        where = value if isinstance(value, Where) else where
        marks.extend(value.values if isinstance(value, Where) else [value])
    return sql.format(where="{where}", **parts).format(where=where, **parts), marks


def _whole(data: pa.Table) -> pa.Table:
    """Turn sums, which DuckDB widens to 128 bits, back into whole numbers of 64."""
    kinds = [
        pa.int64() if pa.types.is_decimal(f.type) and not f.type.scale else f.type
        for f in data.schema
    ]
    names = zip(data.column_names, kinds, strict=True)
    return data.cast(pa.schema([pa.field(n, k) for n, k in names]))
