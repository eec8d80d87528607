"""What all who see the same of a board share while nothing changes."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from liandong.caller import Sight
from liandong.console.lookup import Lookups
from liandong.console.trials import Trials
from liandong.step import Run

if TYPE_CHECKING:
    from liandong.board import Board


class Held:
    """One state of a board, as far as a sight goes; threads may share it.

    Parameters
    ----------
    board
        What to read; who acts on it does not matter here.
    sight
        Which rows can be seen, and whether personal data are masked.
    state
        Number of the last act, and of changes of alerts that watches had told by then.
    before
        What was held for the same sight before.

    Attributes
    ----------
    lookups
        Tables in order, for whoever asks for rows by their key.
    """

    def __init__(
        self, board: "Board", sight: Sight, state: tuple[int, int], before: "Held | None" = None
    ) -> None:
        from liandong.store.query import Session

        self.board = board
        self.state = state
        self.session: Session = Session(board.store, sight, before.session if before else None)
        self.lookups: Lookups = Lookups(self.session, before.lookups if before else None)
        self.made: dict[tuple[object, ...], Any] = {}

    @cached_property
    def runs(self) -> list[Run]:
        """All runs, oldest first."""
        return self.board.runs()

    @cached_property
    def places(self) -> dict[str, tuple[str, str | None]]:
        """Names of regions, Chinese and English, by code."""
        rows = self.session.ask("SELECT region_id, name, name_en FROM region").to_pylist()
        return {r["region_id"]: (r["name"], r["name_en"]) for r in rows}

    @cached_property
    def offices(self) -> dict[str, tuple[str, str | None]]:
        """Names of banks, funds and governments, by id."""
        rows = self.session.ask(
            "SELECT party_id, name, name_en FROM party"
            " WHERE kind IN ('bank', 'fund', 'government') AND name IS NOT NULL"
        ).to_pylist()
        return {r["party_id"]: (r["name"], r["name_en"]) for r in rows}

    @cached_property
    def log_head(self) -> str:
        """Tree head over all acts."""
        return self.board.log.head()

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
        return Trials(self.session.drop)

    @cached_property
    def makers(self) -> dict[str, list[tuple[str, str]]]:
        """The part and the run of every current snapshot, by table."""
        found: dict[str, list[tuple[str, str]]] = {}
        for r in self.session.ask(
            "SELECT h.table_name, h.part, s.run_id FROM head h JOIN snapshot s"
            " USING (snapshot_id) ORDER BY h.table_name, h.part"
        ).to_pylist():
            found.setdefault(r["table_name"], []).append((r["part"], r["run_id"]))
        return found
