"""What every party gets in every period, exact to the last unit, with what gave it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor

from liandong.settle.agreements.checking import in_year
from liandong.settle.agreements.curves import Vector, beyond, capped, floored, plus, tiered
from liandong.settle.agreements.interest import subsidised
from liandong.settle.agreements.nodes import Agreement, Clawback, Facts, Sharing, Subsidy, Tier
from liandong.settle.agreements.periods import days_of, ends_year, in_order
from liandong.settle.agreements.posting import Posting, Target, posted
from liandong.settle.agreements.rounding import Course, rounded

_CODES = {"agreement": "settle.tier", "losses": "settle.layer"}


def evaluate(agreement: Agreement, facts: Facts, history: Iterable[Posting] = ()) -> list[Posting]:
    """Return what each party gets in each period that has not been posted yet.

    Shares are worked out exactly for the base cumulated up to the end of each period, rounded
    once, and the difference to all that was posted before is posted: the months of a year add up
    to the year, and amounts that were corrected later are made up for in the next period.

    Parameters
    ----------
    agreement
        Without faults.
    facts
        Minor units (of rates: parts per million) by base and period; periods outside of the
        validity do not count.
    history
        What has been posted before. Periods with a posting are closed: nothing is added to them.

    Returns
    -------
    list of Posting
        By clause, period, and party in the order of the clause. Of ``agreement``: what a party
        gets; of ``losses``: what it bears; of ``subsidy``: plus for who receives. In each period
        shares add up to the base, subsidies to 0.

    Raises
    ------
    DataError
        If periods overlap, or lie partly within the validity, or a rate is missing.

    Examples
    --------
    >>> from liandong.settle.agreements import parse
    >>> text = ("agreement a { unit CNY/2; parties x, y; valid 2026-01-01..2030-12-31; "
    ...         "base yearly = tax; tier rest { x 1/3; y 2/3 } }")
    >>> [(p.party, p.amount) for p in evaluate(parse(text), {("tax", "2026"): 100})]
    [('x', 33), ('y', 67)]
    """
    before, found = list(history), list[Posting]()
    for clause in agreement:
        if isinstance(clause, Subsidy):
            targets = subsidised(clause, facts)
        else:
            targets = list(_Sharer(clause, facts).targets())
        found += posted(clause.name, clause.parties, targets, before)
    return found


@dataclass
class _Account:
    """A base that is shared out from ``start`` on, and what was had there.

    ``exact`` is what was had before caps and floors; ``had`` are whole units.
    """

    start: int
    exact: Vector
    had: tuple[int, ...]


class _Sharer:
    """One sharing, and the amounts it is about."""

    def __init__(self, clause: Sharing, facts: Facts) -> None:
        self.clause, self.facts = clause, facts
        self.periods = in_order((p for n, p in facts if n in clause.bases), clause.valid)
        self.nothing = Target("", (0,) * len(clause.parties), {})

    def targets(self) -> Iterator[Target]:
        """Yield what parties have in all by the end of each period."""
        closed = now = gone = self.nothing
        account, base, year = _Account(0, {}, self.nothing.counts), 0, 0
        waiting = list(self.clause.clawbacks)
        for period in self.periods:
            if year and days_of(period).last.year != year:
                if self.clause.yearly:
                    closed, now, base = _sum(closed, now), self.nothing, 0
                    account = _Account(0, {}, self.nothing.counts)
                elif self.clause.replacements:
                    account = _Account(base, self._uncapped(account, base, year), now.counts)
            year = days_of(period).last.year
            before = _sum(closed, now, gone)
            base += sum(self.facts.get((n, period), 0) for n in self.clause.bases)
            now = self._within(account, base, period)
            due = [b for b in waiting if b.before <= days_of(period).last]
            waiting = [b for b in waiting if b not in due]
            gone = _sum(gone, *(self._back(b, before) for b in due))
            yield _sum(closed, now, gone)._replace(period=period, outside=now.outside)

    def _uncapped(self, account: _Account, base: int, year: int) -> Vector:
        """Return what the tiers of a year give up to ``base`` of an account, without caps."""
        sign = 1 if base >= account.start else -1
        curve = tiered(self._tiers(year), self._tops(year, date.max), _CODES[self.clause.kind])
        reached = beyond(curve, account.start, account.exact, sign)
        return reached.at(abs(base - account.start))

    def _within(self, account: _Account, base: int, period: str) -> Target:
        """Return what parties have of an account by the end of a period."""
        clause, days = self.clause, days_of(period)
        sign = 1 if base >= account.start else -1
        tops = self._tops(days.last.year, days.last)
        curve = tiered(self._tiers(days.last.year), tops, _CODES[clause.kind])
        curve = capped(beyond(curve, account.start, account.exact, sign), clause.caps)
        had = account.had
        if clause.floors and ends_year(period, clause.valid):
            curve = floored(curve, clause.floors)
            had = tuple(int(curve.of(p, 0)) for p in clause.parties)
        t = abs(base - account.start)
        got = rounded(Course(curve, sign, clause.parties, had), t, clause.method)
        return Target(period, tuple(got.counts), curve.at(t), got.outside)

    def _tiers(self, year: int) -> tuple[Tier, ...]:
        """Return the tiers of a calendar year."""
        return in_year(self.clause, year - self.clause.valid.first.year + 1)

    def _tops(self, year: int, until: date) -> list[int | None]:
        """Return where tiers end; layers lie on each other, rounded down to whole units."""
        tops: list[int | None] = []
        below = 0
        for tier in self._tiers(year):
            top = None if tier.limit is None else int(tier.limit)
            if tier.limit is not None and self.clause.kind == "losses":
                times = self._known(tier.of, until) if tier.of else 1
                top = below = below + max(floor(tier.limit * times), 0)
            tops.append(top)
        return tops

    def _known(self, name: str, until: date) -> int:
        """Return the amounts of a base in all periods that have ended by a day."""
        valid = self.clause.valid
        return sum(
            v for (n, p), v in self.facts.items()
            if n == name and valid.first <= days_of(p).last <= min(until, valid.last)
        )  # fmt: skip

    def _back(self, back: Clawback, before: Target) -> Target:
        """Return what is given back, if less was done than agreed."""
        day = date.fromordinal(back.before.toordinal() - 1)
        done, due = self._known(back.done, day), self._known(back.due, day)
        received = before.counts[self.clause.parties.index(back.party)]
        if done >= back.share * due or received <= 0:
            return self.nothing
        part = back.recover.fixed
        if back.recover.by:
            whole, less, by = (
                self._known(n, day)
                for n in (back.recover.whole, back.recover.part, back.recover.by)
            )
            part = Fraction(whole - less, by) if by > 0 else Fraction(0)
        most = received if back.most is None else min(received, back.most)
        amount = min(floor(max(part, Fraction(0)) * received), most)
        moved = {back.party: -amount, back.to: amount}
        codes = {back.party: "settle.clawback", back.to: f"settle.clawed_back({back.party})"}
        return Target(
            "", tuple(moved.get(p, 0) for p in self.clause.parties),
            {(p, codes[p]): Fraction(a) for p, a in moved.items()},
        )  # fmt: skip


def _sum(*targets: Target) -> Target:
    counts = tuple(map(sum, zip(*(t.counts for t in targets), strict=True)))
    exact: Vector = {}
    for target in targets:
        exact = plus(exact, target.exact)
    return Target("", counts, exact)
