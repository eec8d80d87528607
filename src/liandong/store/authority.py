"""Powers in the books: decided in the transaction of the act, with the counters it has to hold."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from liandong.errors import RefusedError
from liandong.govern.powers.deciding import Decision, Index, Request, Spent
from liandong.govern.powers.delegating import need_sound
from liandong.govern.powers.entries import MAKER, RELATED, Power, powers
from liandong.govern.powers.waiting import ATTACH, ENDS, merged
from liandong.schema.sql import METADATA
from liandong.schema.tables import table
from liandong.store.acts import record, within
from liandong.store.books import rows_id
from liandong.store.uses import DONE, note
from liandong.store.wire import ask
from liandong.texts import LANGUAGES, both
from liandong.types import CHINA

POWER, POST = (METADATA.tables[n] for n in ("power", "post"))
CHANGE = "powers.change"
"""What it takes to add entries and posts, where somebody is named for it."""
LISTS = frozenset({"power", "post"})
RECOGNISE = "credential.recognise"
GUARDED = frozenset({CHANGE, "people.change", "powers.review", RECOGNISE})
"""What changes who may do what, or whose word counts: where people log in, only who is named
does it."""
NO_ENTRY = "no entry"
"""What is lacking if no entry gives somebody an action."""
OWN = {
    **dict.fromkeys(LISTS, CHANGE), "snooze": "alert.snooze",
    "credential_issuer": RECOGNISE,
    **dict.fromkeys(("credential", "credential_status"), "credential.accept"),
}  # fmt: skip
"""What it takes to write tables, by name, beside what it takes to run what writes them."""
Row = dict[str, Any]
# Made once, since every act asks.
_NAMED = sa.select(POWER.c.power_id).where(POWER.c.action == sa.bindparam("action"))
_IN_ORDER = "SELECT power_id FROM power WHERE action = ? ORDER BY power_id"
_TURNS = {"sqlite": _IN_ORDER, "postgresql": f"{_IN_ORDER} FOR UPDATE"}


@dataclass(frozen=True)
class About:
    """What is known of an act when it is decided whether it may be done.

    Attributes
    ----------
    subject
        What it is done to; approvals are for one subject.
    amount
        In fen; None where there is none.
    words
        Names of scopes and conditions with their values.
    evidence
        Documents that are there, beside those attached to the subject: SHA-256 by kind.
    maker
        Who made what is acted on.
    done
        Returns the steps in which a person has decided on the same subject; asked only if some
        entry has conflicts.
    related
        Tells whether a person has ties to those whom it concerns; asked only if some entry looks
        at that, see :func:`.related.related`.
    """

    subject: str = ""
    amount: int | None = None
    words: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    maker: str | None = None
    done: Callable[[str], Collection[str]] | None = None
    related: Callable[[str], bool] | None = None


NOTHING = About()


def need(
    c: sa.Connection,
    actor: str,
    action: str,
    about: About = NOTHING,
    *,
    listed: bool | None = None,
) -> Decision:
    """Decide in the caller's transaction, and write down which power was used.

    Where no entry names anybody for the action, everybody may, and nothing is written; but what is
    :data:`GUARDED` may nobody then who has logged in.

    Parameters
    ----------
    listed
        What :func:`naming` found in this transaction, if it was asked.

    Raises
    ------
    RefusedError
        If the actor may not, or not yet: it says which entries there are and what they lack.
    """
    within(c, actor, action)
    if not (naming(c, action)() if listed is None else listed):
        _need_unguarded(c, actor, action)
        return Decision("allow")
    known = Listed.of(c, datetime.now(UTC))
    ref, by = known.approved(c, actor, action, about)
    decision = known.decide(c, actor, action, about, by)
    if decision.verdict != "allow":
        raise denied(actor, action, decision)
    used = decision.power
    if used is not None:
        note(
            c, "used", actor, power_id=used.power_id, action=action, subject=about.subject,
            amount=about.amount, ref=ref if used.approvals else None, reason=told(decision),
            evidence={k: v for k, v in shown(c, action, about).items() if k in used.evidence},
        )  # fmt: skip
    return decision


def may(c: sa.Connection, actor: str, action: str, about: About = NOTHING) -> None:
    """Refuse what :func:`need` would, but for agreements that are missing, and write nothing.

    Raises
    ------
    RefusedError
        If the actor may not.
    """
    if not named(c, action):
        _need_unguarded(c, actor, action)
    else:
        decision = Listed.of(c, datetime.now(UTC)).decide(c, actor, action, about, ())
        if decision.verdict == "deny":
            raise refused(actor, action, decision)


def shown(c: sa.Connection, action: str, about: About) -> dict[str, str]:
    """Return the documents of an act, SHA-256 by kind: attached to its subject, or at hand."""
    query = sa.select(DONE.c.evidence).where(*_attached(action, about.subject))
    return {**merged(c.execute(query.order_by(DONE.c.act)).scalars()), **about.evidence}


def _attached(action: str, subject: str) -> tuple[sa.ColumnElement[bool], ...]:
    of = (DONE.c.kind.in_(ATTACH), DONE.c.action == action, DONE.c.subject == subject)
    return (*of, DONE.c.evidence.is_not(None))


def need_tables(c: sa.Connection, actor: str, part: str, written: Collection[str]) -> None:
    """Decide on what changes tables that have actions of their own, whatever writes them."""
    for action in sorted({OWN[name] for name in written if name in OWN}):
        need(c, actor, action, About(part))


def booked(entries: list[Row]) -> int | None:
    """Return how many fen entries book; None if they book no money."""
    return sum(e["amount"] for e in entries if e["unit"] == "CNY") or None


def begins(c: sa.Connection, actor: str, action: str) -> None:
    """Refuse at once who has no entry for an action at all; the rest is decided when it is done."""
    within(c, actor, action)
    if not named(c, action):
        _need_unguarded(c, actor, action)
    else:
        index = Listed.of(c, datetime.now(UTC)).index
        if not index.held(actor, action):
            raise denied(actor, action, Decision("deny"))


def admit(c: sa.Connection, actor: str, added: Mapping[str, list[Row]]) -> None:
    """Hold the whole list together after rows were added to it, and log what was added.

    Parameters
    ----------
    added
        New rows of ``power`` and ``post``, written in this transaction.

    Raises
    ------
    DataError
        Naming the entry that cannot stand.
    """
    if any(added.values()):
        listed = Listed.of(c, datetime.now(UTC))
        need_sound(listed.entries, listed.posts)
        record(c, actor, CHANGE, "power", {n: hashes(n, rows) for n, rows in added.items()})


def hashes(name: str, rows: list[Row]) -> dict[str, str | None]:
    """Return a hash of each row of ``power`` or ``post`` by its id."""
    return {r[f"{name}_id"]: rows_id(name, [r]) for r in rows}


@dataclass(frozen=True)
class Listed:
    """The list of powers as it stands at a moment.

    Attributes
    ----------
    entries, posts
        All that were not revoked.
    index
        Those in force.
    """

    entries: tuple[Power, ...]
    posts: list[Row]
    index: Index
    now: datetime

    @classmethod
    def of(cls, c: sa.Connection, now: datetime) -> "Listed":
        """Read it inside a transaction."""
        revoked = sa.select(DONE.c.power_id).where(DONE.c.kind == "revoked")
        gone = set(c.execute(revoked).scalars())
        entries = powers(dict(r) for r in c.execute(sa.select(POWER)).mappings())
        terms = c.execute(sa.select(POST).order_by(POST.c.post_id)).mappings()
        posts = [dict(r) for r in terms if r["post_id"] not in gone]
        hours = {p.power_id: p.glass_hours for p in entries if p.glass_hours}
        opened = set()
        if hours:
            query = sa.select(DONE).where(DONE.c.kind == "opened")
            for r in c.execute(query).mappings():
                if now < r["at"] + timedelta(hours=hours.get(r["power_id"]) or 0):
                    opened.add((r["power_id"], r["actor"]))
        day = now.astimezone(CHINA).date()
        index = Index(entries, posts, day, opened, gone, _guarded(c))
        return cls(tuple(p for p in entries if p.power_id not in gone), posts, index, now)

    def decide(
        self, c: sa.Connection, actor: str, action: str, about: About, by: Collection[str]
    ) -> Decision:
        """Decide with the counters and the history that the entries of the actor look at."""
        held = self.index.held(actor, action)
        done = set(about.done(actor)) if about.done and any(p.conflicts for p in held) else set()
        done |= {MAKER} if about.maker == actor else set()
        looks = about.related and any(RELATED in p.conflicts for p in held)
        done |= {RELATED} if looks and about.related and about.related(actor) else set()
        words = {n: v for n, v in about.words.items() if v is not None}
        there = shown(c, action, about) if any(p.evidence for p in held) else ()
        asked = Request(actor, action, about.amount, words, frozenset(there), frozenset(done), by)
        return self.index.decide(asked, self.spent(c, held))

    def spent(self, c: sa.Connection, held: Collection[Power]) -> Spent:
        """Return what was used of entries with limits over time, with what was handed on."""
        known = {p.power_id: p for p in self.entries}
        wanted = {i for p in held for i in (p.power_id, p.source) if i}
        wanted = {i for i in wanted if known[i].period or known[i].total_limit is not None}
        children = sa.select(POWER.c.power_id, POWER.c.source).where(POWER.c.source.in_(wanted))
        lines = {i: {i} for i in wanted}
        for r in c.execute(children) if wanted else ():
            lines[r.source].add(r.power_id)
        return {
            i: (self._sum(c, line, known[i].period), self._sum(c, line, None))
            for i, line in lines.items()
        }

    def _sum(self, c: sa.Connection, ids: set[str], period: str | None) -> int:
        query = sa.select(sa.func.sum(DONE.c.amount)).where(
            DONE.c.kind == "used", DONE.c.power_id.in_(ids)
        )
        if period is not None:
            query = query.where(DONE.c.at >= _start(period, self.now))
        return int(c.execute(query).scalar() or 0)

    def approved(
        self, c: sa.Connection, actor: str, action: str, about: About
    ) -> tuple[int | None, list[str]]:
        """Return what the actor asked for this, and still waits, to which most have agreed: who."""
        ours = (DONE.c.kind == "asked") & (DONE.c.actor == actor) & (DONE.c.action == action)
        ended = sa.select(DONE.c.ref).where(DONE.c.kind.in_(ENDS), DONE.c.ref.is_not(None))
        query = sa.select(DONE.c.act, DONE.c.amount).where(
            ours, DONE.c.subject == about.subject, DONE.c.act.not_in(ended)
        )
        # Who agreed to so much agreed to less; who agreed to no amount, to no money.
        asked = [r.act for r in c.execute(query) if (r.amount or 0) >= (about.amount or 0)]
        found: dict[int, list[str]] = defaultdict(list)
        # Who agreed, did so on the documents as they were.
        newest = sa.select(sa.func.max(DONE.c.act)).where(*_attached(action, about.subject))
        since = c.execute(newest).scalar() or 0
        agreed = sa.select(DONE.c.ref, DONE.c.actor).where(
            DONE.c.kind == "approved", DONE.c.ref.in_(asked), DONE.c.act > since
        )
        for r in c.execute(agreed.order_by(DONE.c.act)) if asked else ():
            found[r.ref].append(r.actor)
        return max(found.items(), key=lambda i: (len(i[1]), -i[0]), default=(None, []))


def _guarded(c: sa.Connection) -> frozenset[str]:
    """Return what whoever works in a transaction may not do unless he is named for it."""
    return GUARDED if c.get_execution_options().get("login") else frozenset()


def _need_unguarded(c: sa.Connection, actor: str, action: str) -> None:
    if action in _guarded(c):
        reason = both("refusal.command_line")
        raise RefusedError(actor=actor, action=action, reason=reason, powers=[], lacking=NO_ENTRY)


def denied(actor: str, action: str, decision: Decision) -> RefusedError:
    """Return the refusal of an act, which goes into the log."""
    failed = list(decision.failed)
    if decision.power is not None:
        failed.append((decision.power.power_id, f"approvals: {decision.more}"))
    lacking = ", ".join(f"{power} ({said})" for power, said in failed)
    return refused(actor, action, decision, lacking=lacking or NO_ENTRY)


def refused(actor: str, action: str, decision: Decision, **logged: str) -> RefusedError:
    """Return the refusal that says what a decision lacks."""
    if decision.verdict == "needs" and decision.power is not None:
        p = decision.power
        of = p.next_of(decision.more)
        reason = both("refusal.power_more", more=decision.more, of=of, power=p.power_id)
    elif decision.missing:
        kinds = ", ".join(sorted(decision.missing))
        reason = both("refusal.power_evidence", kinds=kinds, powers=_failed(decision))
    elif decision.failed:
        reason = both("refusal.power_fails", powers=_failed(decision))
    else:
        reason = both("refusal.no_power")
    powers = [name for name, _ in decision.failed]
    powers += [decision.power.power_id] if decision.power else []
    return RefusedError(actor=actor, action=action, reason=reason, powers=powers, **logged)


def told(decision: Decision) -> str:
    """Return the counters that a decision read, as text for the log."""
    return ", ".join(f"{n}: {period}/{total}" for n, period, total in decision.counters)


def _failed(decision: Decision) -> dict[str, str]:
    """Return the entries that fail, with the label of the field in which each does."""
    found: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
    for power, said in decision.failed:
        name, sign, more = said.partition(":")
        spec = table("power").field(name)
        label = {"zh": spec.zh, "en": spec.en.lower()}
        for lang in LANGUAGES:
            found[lang].append(f"{power} ({label[lang]}{sign}{more})")
    return {lang: ", ".join(words) for lang, words in found.items()}


def named(c: sa.Connection, action: str) -> bool:
    """Tell whether the list has entries for an action."""
    return bool(c.execute(_NAMED, {"action": action}).all())


def naming(c: sa.Connection, action: str) -> Callable[[], bool]:
    """Ask whether the list has entries for an action, whose users take turns from now on."""
    found = ask(c, _TURNS[c.dialect.name], action)
    return lambda: bool(found())


def _start(period: str, now: datetime) -> datetime:
    today = now.astimezone(CHINA).date()
    first = {"day": today, "month": today.replace(day=1), "year": date(today.year, 1, 1)}[period]
    return datetime.combine(first, time(), CHINA)
