"""What a rule would have brought, in the figures of early warning."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.streams.hindsight import begins, first_after, flips, within_budget
from liandong.kernels.streams.layout import ABSENT
from liandong.watch.backtest.outcomes import DAY, Outcomes
from liandong.watch.backtest.replay import Judged

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]

MONTH = 30.4375
"""Days of a month on average."""
FLIP = 7 * DAY
MONDAY = 3
"""1970-01-01 was a Thursday: three days more make weeks begin on Mondays."""
Figures = dict[str, float | int | None]


class Terms(NamedTuple):
    """What is measured by; times in microseconds.

    Attributes
    ----------
    since, until
        First moment that is judged, and the one after the last.
    horizon, least, cool
        As in :class:`.BacktestRule`.
    budget, minutes
        As there.
    """

    since: int
    until: int
    horizon: int
    least: int
    cool: int
    budget: int
    minutes: int


class Alerts(NamedTuple):
    """Episodes in order of subject and time known: who, since when, and how grave they began."""

    subject: Int
    known: Int
    worth: Int


class Study:
    """Rows that rules have judged, against what became of the subjects.

    Rows of a subject from the day of its default on are left out: it is no longer watched.

    Parameters
    ----------
    rows
        The rows, in order of subject and time known.
    watched
        How many subjects are watched.
    outcomes
        Their first defaults.
    terms
        What is measured by.
    """

    def __init__(self, rows: Judged, watched: int, outcomes: Outcomes, terms: Terms) -> None:
        over = np.full(watched, terms.until)
        over[outcomes.subject] = np.minimum(outcomes.at, terms.until)
        kept = rows.known < over[rows.subject]
        self.rows = rows if kept.all() else _cut(rows, kept)
        self.outcomes, self.terms, self.watched = outcomes, terms, watched
        self.months = float(np.clip(over - terms.since, 0, None).sum() / DAY / MONTH)
        counted = (outcomes.at >= terms.since + terms.least) & (outcomes.at < terms.until)
        self.counted = np.flatnonzero(counted)
        self.base = self._base()

    def sweep(self, grades: Bytes, thresholds: int) -> list[Figures]:
        """Measure each threshold of a sweep: rows that meet one meet all looser ones."""
        hits, found = np.flatnonzero(grades), []
        for k in range(thresholds):
            hits = hits[grades[hits] > k]
            found.append(self.point(hits, grades, k))
        return found

    def point(self, hits: Int, grades: Bytes, above: int = 0) -> Figures:
        """Measure one rule.

        Parameters
        ----------
        hits
            Rows at which it holds, ascending.
        grades
            How grave each row is.
        above
            Rows of a higher grade are hits.
        """
        subject, known, terms = self.rows.subject, self.rows.known, self.terms
        starts = hits[begins(hits, subject, known, terms.cool)]
        alerts = Alerts(subject[starts], known[starts], grades[starts].astype(np.int64))
        held = grades > above
        gone = flips(starts, subject, known, held, self.rows.first, FLIP)
        many = len(starts)
        minutes = many * terms.minutes
        led = self.leads(alerts)
        caught = int((led >= terms.least).sum())
        return {
            "hits": len(hits),
            "alerts": many,
            "burden": _share(1000 * many, self.months),
            "repeats": _share(int((np.diff(alerts.subject) == 0).sum()), many),
            "flips": _share(gone, many),
            "defaults": len(led),
            "caught": caught,
            "recall": _share(caught, len(led)),
            "recall_exposure": self._by_exposure(led),
            **_spread(led[led != ABSENT] / DAY),
            "precision": self._precision(alerts),
            "base": self.base,
            "hours": minutes / 60,
            "minutes_per_default": _share(minutes, caught),
        }

    def leads(self, alerts: Alerts) -> Int:
        """Return how long before each counted default its first alert began; ABSENT: none did.

        That is the first alert that began less than the horizon before the default.
        """
        subject, at = self.outcomes.subject[self.counted], self.outcomes.at[self.counted]
        begun = first_after(subject, at - self.terms.horizon, alerts.subject, alerts.known)
        if not len(alerts.known):
            return begun
        lead = at - alerts.known[begun]
        return np.where((begun != ABSENT) & (lead > 0), lead, ABSENT)

    def ripe(self, alerts: Alerts) -> tuple[Int, Bools]:
        """Return the alerts within budget whose horizon is over, and whether a default came."""
        terms, known = self.terms, alerts.known
        week = (known // DAY + MONDAY) // 7
        order = np.lexsort((alerts.subject, known, -alerts.worth, week))
        chosen = order[within_budget(week[order], terms.budget)]
        chosen = np.sort(chosen[known[chosen] + terms.horizon < terms.until])
        ends = self.outcomes
        if not len(ends.at):
            return chosen, np.zeros(len(chosen), np.bool_)
        who, since = alerts.subject[chosen], known[chosen]
        met = first_after(who, since, ends.subject, ends.at)
        return chosen, (met != ABSENT) & (ends.at[met] <= since + terms.horizon)

    def _precision(self, alerts: Alerts) -> float | None:
        _, good = self.ripe(alerts)
        return _share(int(good.sum()), len(good))

    def _by_exposure(self, led: Int) -> float | None:
        # Shares are ratios of whole fen; sums beyond 2**53 fen would lose their last digits only.
        owed = self.outcomes.owed[self.counted]
        return _share(int(owed[led >= self.terms.least].sum()), int(owed.sum()))

    def _base(self) -> float | None:
        """Return the share of those watched in a week that default within the horizon."""
        terms = self.terms
        last = terms.until - terms.horizon
        weeks = np.arange(terms.since, last, 7 * DAY)
        at = np.sort(self.outcomes.at)
        before = np.searchsorted(at, weeks, "right")
        within = np.searchsorted(at, weeks + terms.horizon, "right") - before
        return _share(int(within.sum()), int((self.watched - before).sum()))


def _cut(rows: Judged, kept: Bools) -> Judged:
    grades = np.ascontiguousarray(rows.grades[:, kept])
    return Judged(rows.subjects, rows.subject[kept], rows.known[kept], rows.first[kept], grades)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _spread(days: Float) -> Figures:
    """Return quartiles of lead times, and the shares of long ones among them."""
    names = ("lead_low", "lead_median", "lead_high")
    if not len(days):
        return dict.fromkeys((*names, "lead_90", "lead_180"))
    found: Figures = dict(zip(names, np.quantile(days, (0.25, 0.5, 0.75)).tolist(), strict=True))
    return {**found, "lead_90": float((days >= 90).mean()), "lead_180": float((days >= 180).mean())}
