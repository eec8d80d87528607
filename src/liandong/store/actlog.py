"""The log of acts of a board: sealed into files, proved, checked, and forgotten in part."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from liandong.errors import RefusedError, UsageError
from liandong.govern.log.checkpoints import Proof
from liandong.govern.log.notes import Key, Note, Signer
from liandong.govern.log.tree import head, over
from liandong.store import acts, authority
from liandong.store.logcheck import Fault, log_faults
from liandong.store.tilelog import LogWriter, TileLog
from liandong.store.uses import tell_refusals
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.store.store import Store


class ActLog:
    """What outsiders can verify of a board.

    Parameters
    ----------
    store, actor
        As of the board.

    Attributes
    ----------
    files
        The log as files: checkpoint, tiles and entries.
    """

    def __init__(self, store: "Store", actor: str) -> None:
        self._store, self._actor = store, actor
        self.files = TileLog(log_folder(store))

    def head(self) -> str:
        """Return the Merkle tree head over all acts (RFC 6962), hex."""
        return acts.head(self._store.books.rows("act"))

    def seal(self, signer: Signer) -> Note:
        """Put all acts into the files and sign how many there are.

        Raises
        ------
        RefusedError
            If the books or the files are not those that were sealed: nothing is signed.
        BoardLockedError
            If another process is sealing.
        """
        with self._store.books.writing() as c:
            authority.need(c, self._actor, "log.seal")
            tell_refusals(c)
        with LogWriter(self.files.folder) as log:
            rows, size = self._store.books.rows("act"), len(log)
            if len(rows) < size:
                raise self._refused("refusal.log_shorter", size=size, acts=len(rows))
            wrong = next((f for f in acts.faults(rows)), None)
            if wrong:
                raise RefusedError(actor=self._actor, action="log.seal", reason=wrong)
            sealed = log.checkpoint()
            leaves = [bytes.fromhex(r["leaf"]) for r in rows[: sealed.size]]
            fresh = [acts.entry_of(r) for r in rows[sealed.size :]]
            if head(sealed.size, over(leaves)) != sealed.top:
                raise self._refused("refusal.log_forked", size=sealed.size)
            waiting, fresh = fresh[: len(log.waiting)], fresh[len(log.waiting) :]
            if waiting != log.waiting:
                raise self._refused("refusal.log_forked", size=size)
            if fresh:
                log.append(fresh)
            return log.seal(signer)

    def proof(self, seq: int) -> Proof:
        """Return the proof that an act is in the log.

        Raises
        ------
        NotFoundError
            If no sealed act has this number.
        """
        return self.files.proof(seq - 1)

    def entry(self, seq: int) -> bytes:
        """Return the bytes of a sealed act.

        Raises
        ------
        NotFoundError
            If no sealed act has this number.
        """
        return self.files.entry(seq - 1)

    def faults(self, keys: Iterable[Key] = (), *, witnesses: int = 0) -> list[Fault]:
        """Return everything of the sealed log that does not hold; see :func:`.log_faults`."""
        return log_faults(self.files, keys, self._store.books.rows("act"), witnesses=witnesses)

    def erase(self, seq: int, reason: str) -> int:
        """Forget what an act was about; its leaf stays, and an act says who erased it, and why.

        Returns
        -------
        int
            The number of that act.

        Raises
        ------
        UsageError
            If nobody says why.
        NotFoundError
            If there is no such act.
        RefusedError
            If the board is held against it.
        """
        if not reason.strip():
            raise UsageError(what=both("fault.no_reason"), remedy=both("advice.erase"))
        with self._store.books.writing() as c:
            authority.need(c, self._actor, "act.erase", authority.About(str(seq)))
            return acts.erase(c, self._actor, seq, reason.strip())

    def _refused(self, code: str, **about: object) -> RefusedError:
        return RefusedError(actor=self._actor, action="log.seal", reason=both(code, **about))


def log_folder(store: "Store") -> Path:
    """Return where the log lies: in the board, or beside the lake of one in PostgreSQL."""
    return store.folder / "log" if store.folder else log_beside(store.lake.root)


def log_beside(lake: Path) -> Path:
    """Return where the log of a board in PostgreSQL lies, by where its lake does."""
    return lake.with_name(f"{lake.name}.log")
