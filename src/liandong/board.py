"""A board: what a user opens. A store, an engine, and an actor who is allowed to."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

import pyarrow as pa

from liandong.caller import Scope
from liandong.config import code_version, settings_now
from liandong.engine.local import LocalEngine
from liandong.errors import BoardLockedError, RefusedError, UsageError
from liandong.govern import approvals, versions
from liandong.govern.casework import CLOSE
from liandong.load.base import Loaded
from liandong.schema.arrow import build
from liandong.schema.validate import need_valid
from liandong.spans import span
from liandong.step import Rule, Run, Step, Tables
from liandong.step.progress import listening
from liandong.store import Store, content_id
from liandong.store.actlog import ActLog
from liandong.store.appeals import Appeals
from liandong.store.asking import ask, write
from liandong.store.audit import audit
from liandong.store.casework import Cases
from liandong.store.credentials import Credentials
from liandong.store.ledger.ledger import Ledger
from liandong.store.mandates import Mandates
from liandong.store.people import People
from liandong.texts import both
from liandong.types import stable_id
from liandong.view import View

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and of how much."""


def open(  # noqa: A001 - ld.open mirrors the builtin on purpose
    location: str | Path, *, actor: str | None = None, lang: Literal["zh", "en"] | None = None,
    lake: str | Path | None = None, create: bool = True, engine: LocalEngine | None = None,
) -> "Board":  # fmt: skip
    """Open the board at ``location``; it is made if missing.

    Parameters
    ----------
    location
        A folder such as ``yangtze.board``, or ``postgresql://…`` for production.
    actor, lang, lake
        Who acts, in which language, and where the lake of a PostgreSQL board lies; by default as
        in :class:`liandong.config.Settings`.
    create
        Whether to make a board that does not exist.
    engine
        Where steps run; threads of this machine by default.

    Raises
    ------
    BoardVersionError
        If a newer liandong made the board.
    NotFoundError
        If there is none and ``create`` is off.
    """
    settings = settings_now()
    home = Path(lake) if lake else settings.lake
    store = Store(str(location), home, create=create, workers=settings.workers)
    made = engine or LocalEngine(settings.workers)
    board = Board(store, made, actor or settings.actor, lang or settings.lang)
    # Who died while writing is visible at once, unless somebody is writing right now.
    if store.books.rows("run", status="running"):
        with suppress(BoardLockedError), store.writer(board.actor):
            pass
    return board


class Board:
    """Tables, runs and acts of one place, seen by one actor.

    Parameters
    ----------
    store, engine, actor
        Where data lie, where steps run, and who is acting: written into every run and act.
    lang
        ``zh`` or ``en``.

    Attributes
    ----------
    appeals, cases
        Appeals against rows that count against somebody, and the cases of alerts.
    credentials
        What the board says of firms for other boards, and accepts of others.
    log
        The log of acts: sealed, proved and checked.
    ledger
        Accounts, entries and balances, as the actor posts them.
    people, powers
        Who can log in to the service, and how; who may do what.
    """

    def __init__(self, store: Store, engine: LocalEngine, actor: str, lang: str) -> None:
        self.store, self.engine = store, engine
        self.actor, self.lang = actor, lang
        self.appeals, self.cases = Appeals(store, actor), Cases(store, actor)
        self.credentials = Credentials(store, actor, code_version)
        self.ledger, self.log = Ledger(store, actor), ActLog(store, actor)
        self.people, self.powers = People(store, actor), Mandates(store, actor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def acting(self, actor: str, scope: Scope = None, *, login: bool = False) -> "Board":
        """Return the same board for another actor, whom a scope may bind, or who has logged in."""
        return Board(self.store.within(scope, login=login), self.engine, actor, self.lang)

    def close(self) -> None:
        """Close the connections."""
        self.store.close()

    # ── doing ────────────────────────────────────────────────────────────────────────────────

    def load(
        self, source: str, path: str | Path | None = None, *, part: str | None = None,
        dry_run: bool = False, seen: Callable[[Loaded], None] | None = None,
        progress: Progress | None = None, **options: Any,  # noqa: ANN401 - of the loader
    ) -> Run:  # fmt: skip
        """Read foreign data into tables; wrong rows go to ``load_error``, the rest loads.

        Parameters
        ----------
        source
            Name of a source (``cumcm2020c``, ``world`` …) or of a table for a file of one's own.
        path
            File or folder.
        part
            Of the tables, which a later load of it replaces; by default of where the file lies.
        dry_run
            Read and check, write nothing.
        seen
            Called with what was read, all refused rows included; not if the same was loaded before.
        **options
            What the loader takes: ``mapping=``, ``encoding=``, ``vintage=`` …

        Returns
        -------
        Run
            With ``counts`` of the rows by table, of the ``refused`` ones, and of exact ``copies``
            of rows that another source had brought before.
        """
        from liandong.load import fingerprint, load, part_name

        def read() -> tuple[Tables, dict[str, int]]:
            found = load(source, path, progress=progress, **options)
            found = found.without({n: self.others(n, own) for n in found.tables})
            if seen is not None:
                seen(found)
            counts = {"refused": sum(found.refused.values()), "copies": found.copies}
            return {**found.tables, "load_error": found.errors}, counts

        own = part or part_name(source, path, **options)
        with self.store.writer(self.actor):
            files = {f: [sha] for f, sha in fingerprint(source, path, **options).items()}
            plain = json.dumps(options, default=str, sort_keys=True)
            run = Run.start(f"load.{source}", own, self.actor, code_version(), files, salt=plain)
            return self.store.perform(run, read, dry_run=dry_run)

    def put(self, part: str, tables: Tables) -> Run:
        """Write tables that are valid already, such as made by hand or by a test.

        Parameters
        ----------
        part
            Name of this part of the tables; a later ``put`` of the same part replaces it.

        Raises
        ------
        DataError
            If a row is not valid; the message names the first one.
        """
        for name, data in tables.items():
            need_valid(name, data)
        with self.store.writer(self.actor):
            ids = {n: [content_id(t)] for n, t in tables.items()}
            run = Run.start("load.put", part, self.actor, code_version(), ids)
            return self.store.perform(run, lambda: (tables, {}))

    def run(
        self, step: Step, *, rule: Rule | None = None, dry_run: bool = False,
        progress: Progress | None = None, **params: object,
    ) -> Run:  # fmt: skip
        """Run ``step`` on the current tables; the same work is not done twice.

        Parameters
        ----------
        rule
            The rule; otherwise one is made of ``params`` and the rule's defaults.
        dry_run
            Compute, write nothing.
        progress
            Called by steps that take long, with the name of the step.

        Raises
        ------
        RefusedError
            If the step needs an approval of its inputs that nobody has given.
        """
        chosen = rule if rule is not None else step.rule.make(**params)
        with span("board.run", step=step.name), self.store.writer(self.actor):
            self.need_approval(step)
            given, inputs = self.store.inputs(step)
            part = step.part_of(chosen)
            run = Run.start(step.name, part, self.actor, code_version(), inputs, rule=chosen)
            if not dry_run:
                self.store.keep_rule(chosen)

            def work() -> tuple[Tables, dict[str, int]]:
                with span(step.name), listening(progress and partial(progress, step.name)):
                    return self.engine.run(step, given, chosen), {}

            return self.store.perform(run, work, dry_run=dry_run)

    def others(self, name: str, part: str) -> pa.Table:
        """Return the current rows of the other parts of a table."""
        paths = [h["path"] for h in self.store.heads(name) if h["part"] != part]
        return self.store.lake.read(name, paths)

    # ── seeing ───────────────────────────────────────────────────────────────────────────────

    def table(self, name: str) -> View:
        """Return the current rows of a table."""
        return View(self.store, name, self.lang)

    def sql(self, query: str, values: Sequence[object] = ()) -> pa.Table:
        """Run a SQL query over all tables (DuckDB, in memory, nothing but the board readable).

        Parameters
        ----------
        query
            One SELECT; the names of tables are those of the schema.
        values
            Values of its ``?`` marks, in order.
        """
        from liandong.store.query import query as ask

        return ask(self.store, query, values)

    def runs(self) -> list[Run]:
        """Return all runs, oldest first."""
        return self.store.runs()

    def check(self, progress: Progress | None = None) -> list[str]:
        """Hold everything against its hash; return what is wrong, in the board's language.

        Files against snapshots, snapshots, current versions, rules, cases and book rows against
        the acts that made them, and every act against its leaf.
        """
        return [f[self.lang] for f in audit(self.store, progress)]

    # ── deciding ─────────────────────────────────────────────────────────────────────────────

    def propose(self, step: Step) -> str:
        """Ask for approval of what ``step`` would act on; return the id of the case.

        The case is bound to the current snapshots of the tables that the step names in
        ``approval``: if they change, a new case is needed.
        """
        if not step.approval:
            what = both("fault.no_approval_needed", step=step.name)
            raise UsageError(what=what, remedy=both("advice.just_run"))
        return ask(self.store, self.actor, step.name, self._subject(step))

    def propose_rules(
        self, name: str, rule: Rule, reason: str, kind: versions.Kind = versions.WATCH
    ) -> str:
        """Ask that a watch, or an agreement, go by another rule; return the id of the case.

        Once somebody else has approved it, a watch of this name that runs goes on by it.

        Raises
        ------
        UsageError
            If nobody says why.
        """
        if not reason.strip():
            raise UsageError(what=both("fault.no_reason"), remedy=both("advice.no_reason"))
        now = versions.in_use(self.rule_versions(name, kind))
        ran = self.store.books.rows("watch_state", watch=name) if kind == versions.WATCH else []
        base = next((r["rule"] for r in (now, *ran) if r), None)
        about = {"reason": reason.strip(), "actor": self.actor, "at": datetime.now(UTC)}
        number = now["number"] + 1 if now else 1
        row = versions.version(kind, name, number, rule.id, base, **about)
        if not self.table(kind.table).rows(version_id=row["version_id"]):
            self.store.keep_rule(rule)
            made = build(kind.table, {n: [v] for n, v in row.items()})
            self.put(f"{kind.table}@{row['version_id']}", {kind.table: made})
        return ask(self.store, self.actor, kind.action, row["version_id"])

    def rule_versions(self, name: str, kind: versions.Kind = versions.WATCH) -> list[approvals.Row]:
        """Return the versions of what a watch or an agreement goes by, newest first."""
        rows = self.table(kind.table).rows(**{kind.field: name})
        return versions.standing(rows, self.store.books.rows("case", action=kind.action), kind)

    def decide(self, case_id: str, *, approve: bool, reason: str = "") -> None:
        """Approve or reject a case; closing a case of alerts is returned with a ``reason``.

        Raises
        ------
        RefusedError
            If the actor made the case (four eyes), or the case is closed.
        NotFoundError
            If there is no such case.
        """
        if self.store.books.rows("case", case_id=case_id, action=CLOSE):
            self.cases.decide(case_id, approve=approve, reason=reason)
            return
        self._changed(case_id, partial(approvals.decide, approve=approve))

    def withdraw(self, case_id: str) -> None:
        """Take back a case that the actor made; what it was about can be proposed again.

        Raises
        ------
        RefusedError
            If somebody else made the case, or it is closed.
        NotFoundError
            If there is no such case.
        """
        if self.store.books.rows("case", case_id=case_id, action=CLOSE):
            self.cases.withdraw(case_id)
            return
        self._changed(case_id, approvals.withdraw)

    def _changed(self, case_id: str, change: Callable[..., approvals.Row]) -> None:
        with self.store.books.writing() as c:
            now = change(self.store.case(c, case_id), self.actor, at=datetime.now(UTC))
            write(self.store, c, self.actor, now)

    def approve(self, case_id: str) -> None:
        """Approve a case; see :meth:`decide`."""
        self.decide(case_id, approve=True)

    def snooze(
        self, party_id: str, *, until: datetime, reason: str, code: str | None = None,
        level: str = "red",
    ) -> Run:  # fmt: skip
        """Hide the alerts of a party for a while: they stay, and come back when the time is over.

        Parameters
        ----------
        party_id
            Whose alerts.
        until
            When it ends, with a zone.
        reason
            Why nobody need look; kept with who said so.
        code
            Only the alerts of this signal.
        level
            The gravest level that is hidden; what is graver shows all the same.

        Raises
        ------
        UsageError
            If it has ended already, or nobody says why.
        DataError
            If there is no such level.
        """
        if until <= (now := datetime.now(UTC)) or not reason.strip():
            raise UsageError(what=both("fault.no_snooze"), remedy=both("advice.no_snooze"))
        row: dict[str, list[Any]] = {
            "party_id": [party_id], "code": [code], "level": [level], "from_at": [now],
            "until_at": [until], "reason": [reason.strip()], "actor": [self.actor],
        }  # fmt: skip
        own = stable_id("snooze", *(v[0] for v in row.values()))
        return self.put(f"snooze@{own}", {"snooze": build("snooze", {"snooze_id": [own], **row})})

    def _subject(self, step: Step) -> str:
        ids = [h["snapshot_id"] for n in step.approval for h in self.store.heads(n)]
        if not ids:
            reason = both("refusal.nothing_yet", tables=", ".join(step.approval))
            raise RefusedError(actor=self.actor, action=step.name, reason=reason)
        return approvals.seen(ids)

    def approved(self, step: Step) -> bool:
        """Tell whether somebody else has approved what ``step`` would act on now."""
        cases = self.store.books.rows("case", action=step.name, state="approved")
        return not step.approval or bool(approvals.approved(cases, step.name, self._subject(step)))

    def need_approval(self, step: Step) -> None:
        """Refuse a step whose approval somebody else has still to give."""
        if not self.approved(step):
            reason = both("refusal.not_approved")
            raise RefusedError(actor=self.actor, action=step.name, reason=reason)
