"""Decisions: allow, deny, or so many more approvals. Pure, on the powers in force on one day."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from liandong.govern.powers.delegating import standing
from liandong.govern.powers.entries import ANYBODY, Power, Row, in_force

NOTHING: frozenset[str] = frozenset()
UNUSED = (0, 0)
NO_LIMIT = 2**63 - 1
"""More fen than there are."""
NO_WORDS: Mapping[str, Any] = {}
Counters = tuple[tuple[str, int, int], ...]
_Against = tuple[str, Counters]
Spent = dict[str, tuple[int, int]]
"""Fen used of each power that has limits over time: in the current period, and in all."""


class Request(NamedTuple):
    """What somebody would do.

    Attributes
    ----------
    about
        What is known: the names of scopes and conditions.
    amount
        In fen; None where there is none, which no limit lets pass.
    evidence
        Kinds of documents that are there.
    done
        What the person has done on the same subject: steps, ``maker``; and ``related``, if he has
        ties to whom it concerns.
    approved
        Who has agreed, first to last.
    """

    actor: str
    action: str
    amount: int | None = None
    about: Mapping[str, Any] = NO_WORDS
    evidence: Collection[str] = NOTHING
    done: frozenset[str] = NOTHING
    approved: Collection[str] = ()


class Decision(NamedTuple):
    """What is decided, and why.

    Attributes
    ----------
    verdict
        ``allow``, ``deny`` or ``needs``.
    power
        The entry that allows it, or would with more; None without one.
    more
        Approvals that are missing.
    missing
        Kinds of evidence that are missing.
    failed
        Entries of the person that do not allow it, each with the field that stands against it;
        ``valid_to`` for those not in force.
    counters
        Fen used before in the current period and in all, by entry; of limits over time.
    """

    verdict: str
    power: Power | None = None
    more: int = 0
    missing: frozenset[str] = NOTHING
    failed: tuple[tuple[str, str], ...] = ()
    counters: Counters = ()


DEFAULT = Decision("allow")
"""Where nobody is named for an action, everybody may."""


class _Entry(NamedTuple):
    """A power made ready: what a decision looks at, in the order in which it does."""

    power: Power
    limit: int
    bounded: bool
    conflicts: frozenset[str]
    scope: tuple[tuple[str, frozenset[str]], ...]
    regions: tuple[str, ...]  # what their codes begin with
    conditions: tuple[tuple[str, Any], ...]
    counted: tuple[tuple[str, int, int], ...]  # id, most in a period, most in all
    evidence: frozenset[str]
    approvals: int


class Index:
    """The powers in force on a day, by action and person.

    Parameters
    ----------
    entries
        All of the list; those not in force are passed over.
    posts
        Rows of table ``post``.
    day
        The day.
    opened
        Pairs of the entries for emergencies whose glass is broken now, and by whom.
    gone
        Ids of entries that were revoked. Their actions stay listed: a list that has lapsed leaves
        nobody, not everybody.
    guarded
        Actions for nobody where nobody is named, rather than for everybody.
    """

    def __init__(
        self,
        entries: Iterable[Power],
        posts: Iterable[Row] = (),
        day: date = date.min,
        opened: Collection[tuple[str, str]] = (),
        gone: Collection[str] = (),
        guarded: Collection[str] = (),
    ) -> None:
        self.groups: dict[str, set[str]] = defaultdict(set)
        for row in posts:
            if in_force(row["valid_from"], row["valid_to"], day):
                self.groups[row["person"]].add(row["post"])
        listed = sorted(entries, key=lambda p: p.power_id)
        self._by_id = {p.power_id: p for p in listed if p.power_id not in gone}
        self._opened = frozenset(opened)
        self._by_action: dict[str, list[Power]] = defaultdict(list)
        known = (*guarded, *(p.action for p in listed))
        self._lapsed: dict[str, list[Power]] = {action: [] for action in known}
        for p in listed:
            stands = p.power_id in self._by_id and p.on(day)
            if stands and standing(p, self._by_id, self.groups, day):
                self._by_action[p.action].append(p)
            else:
                self._lapsed[p.action].append(p)
        self._ready: dict[tuple[str, str], tuple[_Entry, ...]] = {}

    def names(self, action: str) -> bool:
        """Tell whether an action is not for everybody, mostly as the list names somebody."""
        return action in self._lapsed

    def standing(self) -> Iterator[Power]:
        """Yield the entries in force."""
        for entries in self._by_action.values():
            yield from entries

    def held(self, actor: str, action: str) -> tuple[Power, ...]:
        """Return the entries in force by which a person may do something, as far as they go."""
        return tuple(e.power for e in self._held(actor, action))

    def reaches(
        self, actor: str, action: str, amount: int | None, about: Mapping[str, Any]
    ) -> bool:
        """Tell whether a person has a power that goes as far as this.

        Documents, agreements, ties and what was used before are left for when it is done.
        """
        kinds = {kind for p in self.held(actor, action) for kind in p.evidence}
        asked = Request(actor, action, amount, about, kinds)
        return self.decide(asked, {}).verdict != "deny"

    def wanting(
        self, actor: str, action: str, amount: int | None, by: Collection[str] = ()
    ) -> list[tuple[int, Power]]:
        """Return the entries by which a person may do something once others agree.

        Parameters
        ----------
        by
            Who has agreed, first to last.

        Returns
        -------
        list
            How many more have to agree, with the entry; the fewest first.
        """
        held = (p for p in self.held(actor, action) if p.approvals)
        fit = (p for p in held if (amount or 0) <= _most(p.limit))
        found = [(max(0, p.approvals - self._agree(p, actor, by)), p) for p in fit]
        return sorted(found, key=lambda f: (f[0], f[1].power_id))

    def members(self, group: str) -> list[str]:
        """Return who has a role or post on the day; nobody for a person."""
        return sorted(p for p, held in self.groups.items() if group in held)

    def is_in(self, person: str, group: str) -> bool:
        """Tell whether a person has a role or post."""
        return group == ANYBODY or group in self.groups.get(person, ())

    def decide(self, asked: Request, spent: Mapping[str, tuple[int, int]]) -> Decision:
        """Decide on a request.

        Parameters
        ----------
        spent
            Fen used before; see :data:`Spent`. What is allowed is not added: see :meth:`spend`.
        """
        actor, action, _, _, evidence, _, approved = asked
        held = self._ready.get((action, actor))
        if held is None:
            held = self._held(actor, action)
        if not held and action not in self._lapsed:
            return DEFAULT
        failed: list[tuple[str, str]] = []
        best: Decision | None = None
        missing: frozenset[str] = NOTHING
        for entry in held:
            power, n = entry[0], entry[9]
            against, counters = _against(entry, asked, spent)
            if against:
                failed.append((power.power_id, against))
                if against == "evidence":
                    missing = power.evidence - set(evidence)
                continue
            more = n and n - self._agree(power, actor, approved)
            if more <= 0:
                return Decision("allow", power, 0, NOTHING, tuple(failed), counters)
            if best is None or more < best.more:
                best = Decision("needs", power, more, NOTHING, (), counters)
        if best is not None:
            return best._replace(failed=tuple(failed))
        if lapsed := self._lapsed[action]:
            names = self._names(actor)
            failed += [(p.power_id, "valid_to") for p in lapsed if p.holder in names]
        return Decision("deny", None, 0, missing, tuple(failed))

    def decide_all(self, asked: Iterable[Request], spent: Spent) -> list[Decision]:
        """Decide on requests one after the other; each that is allowed counts for the next."""
        found: list[Decision] = []
        decide, spend = self.decide, self.spend
        for request in asked:
            decision = decide(request, spent)
            found.append(decision)
            if decision[0] == "allow" and decision[5]:
                spend(decision, request[2] or 0, spent)
        return found

    def spend(self, decision: Decision, amount: int, spent: Spent) -> None:
        """Add what was allowed to the counters that were read for it."""
        for name, period, total in decision.counters:
            spent[name] = (period + amount, total + amount)

    def _agree(self, power: Power, actor: str, approved: Collection[str]) -> int:
        """Count who agreed and may: never the one who acts, nor who handed the power to him."""
        own = {actor, power.delegator}
        agreed = [a for a in dict.fromkeys(approved) if a not in own]
        if not power.in_order:
            return sum(self.is_in(a, power.approvers) for a in agreed)
        reached = 0
        for person in agreed:
            turn = reached < power.approvals and self.is_in(person, power.in_order[reached])
            reached += turn
        return reached

    def _held(self, actor: str, action: str) -> tuple[_Entry, ...]:
        key = (action, actor)
        if key not in self._ready:
            names = self._names(actor)
            self._ready[key] = tuple(
                self._entry(p)
                for p in self._by_action.get(action, ())
                if p.holder in names
                and (p.glass_hours is None or (p.power_id, actor) in self._opened)
            )
        return self._ready[key]

    def _names(self, actor: str) -> set[str]:
        return {actor, ANYBODY, *self.groups.get(actor, ())}

    def _entry(self, p: Power) -> _Entry:
        line = (p, *((self._by_id[p.source],) if p.source else ()))
        counted = tuple(
            (x.power_id, _most(x.period_limit), _most(x.total_limit))
            for x in line
            if x.period_limit is not None or x.total_limit is not None
        )
        scope = dict(p.scope)
        regions = tuple(prefix(r) for r in scope.pop("region", ()))
        return _Entry(
            p, _most(p.limit), p.limit is not None or bool(counted), p.conflicts,
            tuple((n, frozenset(v)) for n, v in scope.items()), regions, p.conditions, counted,
            p.evidence, p.approvals,
        )  # fmt: skip


def _most(limit: int | None) -> int:
    return NO_LIMIT if limit is None else limit


def prefix(region: str) -> str:
    """Return what the codes of all regions within one begin with (GB/T 2260)."""
    return region[:2] if region.endswith("0000") else region[:4] if region[4:] == "00" else region


def _against(entry: _Entry, asked: Request, spent: Mapping[str, tuple[int, int]]) -> _Against:
    """Return the field of an entry that stands against a request, if any, and its counters."""
    _, limit, bounded, conflicts, scope, regions, conditions, counted, wanted, _ = entry
    _, _, amount, about, evidence, done, _ = asked
    if bounded and (amount is None or not 0 <= amount <= limit):
        return "limit", ()
    if done and conflicts & done:
        return f"conflicts: {', '.join(sorted(conflicts & done))}", ()
    if (scope or regions) and not _within(scope, regions, about):
        return "scope", ()
    if conditions and not _holds(conditions, about):
        return "conditions", ()
    if wanted and not wanted <= set(evidence):
        return "evidence", ()
    return _counted(counted, amount or 0, spent) if counted else ("", ())


def _within(
    scope: tuple[tuple[str, frozenset[str]], ...],
    regions: tuple[str, ...],
    about: Mapping[str, Any],
) -> bool:
    for name, allowed in scope:
        if about.get(name) not in allowed:
            return False
    return not regions or str(about.get("region", "")).startswith(regions)


def _holds(conditions: tuple[tuple[str, Any], ...], about: Mapping[str, Any]) -> bool:
    for name, wanted in conditions:
        value = about.get(name)
        if isinstance(wanted, tuple):
            if value not in wanted:
                return False
        elif (
            not isinstance(value, int)
            or value < wanted.get("least", value)
            or value > wanted.get("most", value)
        ):
            return False
    return True


def _counted(
    counted: tuple[tuple[str, int, int], ...], amount: int, spent: Mapping[str, tuple[int, int]]
) -> _Against:
    """Return the limit over time that is full, of an entry or of the one it was handed on from."""
    read: Counters = ()
    for name, most_period, most_total in counted:
        period, total = spent.get(name, UNUSED)
        if period + amount > most_period:
            return "period_limit", ()
        if total + amount > most_total:
            return "total_limit", ()
        read += ((name, period, total),)
    return "", read
