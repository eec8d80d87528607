"""Appeals: somebody says why a row does not count against a person, somebody else decides."""

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from liandong.errors import NotFoundError, RefusedError, UsageError
from liandong.schema.sql import METADATA
from liandong.schema.tables import table
from liandong.schema.tables.accountability import APPEALS, ITEMS
from liandong.store import authority
from liandong.store.acts import ACT, record
from liandong.texts import both
from liandong.types import stable_id

if TYPE_CHECKING:
    from liandong.store.store import Store

FILE, DECIDE = "appeal.file", "appeal.decide"
"""Powers, where somebody is named for them."""
KINDS = frozenset(f"appeal.{kind}" for kind in APPEALS)
"""What is done with appeals, as actions of the log."""
ROWS = METADATA.tables["appeal"]
SAID = ("appeal_id", "kind", "table_name", "item", "holder", "reason")
_PEOPLE = ("maker", "checker", "assignee", "actor")
"""Fields of a row that name who has acted on it."""
Row = dict[str, Any]


class Appeals:
    """The appeals of a board, as one person files and decides them.

    Parameters
    ----------
    store, actor
        Where they are, and who acts.
    """

    def __init__(self, store: "Store", actor: str) -> None:
        self._store, self._actor = store, actor

    def rows(self) -> list[Row]:
        """Return all appeals, oldest first: as filed, with ``state``, and ``ruling`` once decided.

        The state is ``filed``, ``upheld`` or ``dismissed``.
        """
        found: dict[str, Row] = {}
        for r in self._store.books.rows("appeal"):
            if r["kind"] == "filed":
                found[r["appeal_id"]] = {**r, "state": "filed", "ruling": None}
            else:
                found[r["appeal_id"]] |= {"state": r["kind"], "ruling": r}
        return list(found.values())

    def waiting(self) -> list[Row]:
        """Return those not decided yet that the actor has neither filed nor is about."""
        return [
            r for r in self.rows()
            if r["state"] == "filed" and self._actor not in {r["actor"], r["holder"]}
        ]  # fmt: skip

    def file(self, table_name: str, item: str, holder: str, reason: str) -> str:
        """Appeal against a row counting against a person; return the id of the appeal.

        Parameters
        ----------
        table_name, item
            One of :data:`liandong.schema.tables.accountability.ITEMS`, and the key of the row.
        holder
            Who answers for it.

        Raises
        ------
        UsageError
            If nobody says why, or rows of that table cannot be appealed.
        NotFoundError
            If there is no such row.
        RefusedError
            If this was appealed before, or others have the power to file.
        """
        self._need(reason)
        if table_name not in ITEMS:
            what = both("fault.bad_value", name="table", value=table_name)
            raise UsageError(what=what, remedy=both("advice.known", known=", ".join(ITEMS)))
        own = stable_id("appeal", table_name, item, holder)
        about = {"appeal_id": own, "table_name": table_name, "item": item, "holder": holder}
        with self._store.books.writing() as c:
            self._row(c, table_name, item)
            authority.need(c, self._actor, FILE, authority.About(own))
            if self._told(c, own):
                raise self._refused(FILE, "refusal.appealed")
            self._note(c, {**about, "kind": "filed", "reason": reason.strip()})
        return own

    def decide(self, appeal_id: str, *, uphold: bool, reason: str) -> None:
        """Uphold an appeal, so that the row no longer counts, or dismiss it.

        Raises
        ------
        NotFoundError
            If there is no such appeal.
        RefusedError
            If it is decided already; if the actor filed it, is whom it is about, or has acted on
            the row; or if others have the power to decide.
        """
        self._need(reason)
        with self._store.books.writing() as c:
            told = self._told(c, appeal_id)
            if not told:
                remedy = both("advice.appeals")
                raise NotFoundError(kind=both("kind.appeal"), name=appeal_id, remedy=remedy)
            filed = told[0]
            if len(told) > 1:
                raise self._refused(DECIDE, "refusal.appeal_decided")
            row = self._row(c, filed["table_name"], filed["item"])
            concerned = {filed["actor"], filed["holder"], *(row.get(n) for n in _PEOPLE)}
            if self._actor in concerned:
                raise self._refused(DECIDE, "refusal.appeal_own")
            about = authority.About(appeal_id, maker=filed["actor"])
            authority.need(c, self._actor, DECIDE, about)
            kind = "upheld" if uphold else "dismissed"
            self._note(c, {**filed, "kind": kind, "reason": reason.strip()})

    def _told(self, c: sa.Connection, appeal_id: str) -> list[Row]:
        # Two who decide at once take turns (SQLite has one writer anyway).
        query = sa.select(ROWS).where(ROWS.c.appeal_id == appeal_id).order_by(ROWS.c.act)
        return [dict(r) for r in c.execute(query.with_for_update()).mappings()]

    def _row(self, c: sa.Connection, name: str, item: str) -> Row:
        key = METADATA.tables[name].c[table(name).key[0]]
        value = (int(item) if item.isdecimal() else 0) if name == "power_act" else item
        found = c.execute(sa.select(METADATA.tables[name]).where(key == value)).mappings().first()
        if found is None:
            remedy = both("advice.appeal_row", table=name)
            raise NotFoundError(kind=table(name).label, name=item, remedy=remedy)
        return dict(found)

    def _note(self, c: sa.Connection, said: Row) -> None:
        body = {n: said[n] for n in SAID}
        seq = record(c, self._actor, f"appeal.{said['kind']}", said["appeal_id"], body)
        at = c.execute(sa.select(ACT.c.at).where(ACT.c.seq == seq)).scalar_one()
        c.execute(sa.insert(ROWS), {"act": seq, "at": at, "actor": self._actor, **body})

    def _need(self, reason: str) -> None:
        if not reason.strip():
            raise UsageError(what=both("fault.appeal_reason"), remedy=both("advice.no_reason"))

    def _refused(self, action: str, code: str) -> RefusedError:
        return RefusedError(actor=self._actor, action=action, reason=both(code))


def as_logged(row: Row, act: Row) -> bool:
    """Tell whether a row of ``appeal`` is what an act of the log says."""
    body = {n: row[n] for n in SAID}
    said = (f"appeal.{row['kind']}", row["actor"], row["at"], body)
    return said == (act["action"], act["actor"], act["at"], json.loads(act["body"]))
