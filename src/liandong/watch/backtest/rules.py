"""What is tried on a log: thresholds of one rule, and sets of rules."""

from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from liandong.errors import UnfitError
from liandong.schema.tables import table
from liandong.step import Rule
from liandong.texts import both
from liandong.watch.language import Column, Judgement, Program, columns, compiled
from liandong.watch.windows.rules import REFERENCE, LengthOrNone, Span, Window, WindowsRule

PLACE = "{x}"
"""Stands for the threshold in the text of a sweep."""
EVERY = "all"
"""What the signals together are called."""
MOST_THRESHOLDS = 255


class Sweep(BaseModel):
    """One rule with many thresholds.

    Attributes
    ----------
    code
        Name of the rule.
    when
        The expression, with ``{x}`` where the threshold stands.
    thresholds
        From the loosest to the strictest: where one holds, all before it hold.

    Examples
    --------
    >>> Sweep.over("busy", "velocity > {x}", "1", "2", 3).texts
    ('velocity > 1', 'velocity > 1.5', 'velocity > 2')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(min_length=1)
    when: str
    thresholds: tuple[Decimal, ...] = Field(min_length=1, max_length=MOST_THRESHOLDS)

    @model_validator(mode="after")
    def _has_place(self) -> Self:
        if PLACE not in self.when:
            raise UnfitError(what=both("unfit.sweep_place", signal=self.code, place=PLACE))
        if len(set(self.thresholds)) < len(self.thresholds):
            raise UnfitError(what=both("unfit.sweep_twice", signal=self.code))
        return self

    @classmethod
    def over(cls, code: str, when: str, loosest: str, strictest: str, steps: int) -> Self:
        """Return a sweep over evenly spaced thresholds, cut to six places."""
        low, high = Decimal(loosest), Decimal(strictest)
        parts = [(low + (high - low) * k / (steps - 1)) for k in range(steps)]
        return cls(code=code, when=when, thresholds=tuple(_plain(p) for p in parts))

    @property
    def texts(self) -> tuple[str, ...]:
        """The expression for each threshold."""
        return tuple(self.when.replace(PLACE, f"{t:f}") for t in self.thresholds)


def _plain(value: Decimal) -> Decimal:
    cut = Decimal(int(value * 10**6)) / 10**6
    return cut.normalize() if cut % 1 else Decimal(int(cut))


class RuleSet(BaseModel):
    """Rules that are judged together: an episode begins where one of them is orange or red.

    Each is judged on the days on which it is in force, as live.

    Attributes
    ----------
    name
        What the set is called.
    rules
        The rules.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    rules: tuple[Judgement, ...] = Field(min_length=1)


class HindsightRule(Rule):
    """On which time rules are tried, and what they are measured by.

    Attributes
    ----------
    name
        Running it again under this name replaces its results.
    since, until
        First and last day that is judged; None: all there is. Windows look back beyond it.
    horizon
        Days before a default in which a warning counts.
    least
        A default is recalled if the warning came at least so many days before it.
    cool
        Hits of one subject closer than this belong to one episode.
    budget
        How many episodes a week can be looked at; the worst first.
    minutes
        An analyst's time for one episode.
    """

    name: str = Field(default="backtest", min_length=1)
    since: date | None = None
    until: date | None = None
    horizon: int = Field(default=365, ge=1)
    least: int = Field(default=30, ge=0)
    cool: Span = "30d"
    budget: int = Field(default=50, ge=1)
    minutes: int = Field(default=30, ge=0)


class BacktestRule(HindsightRule):
    """What is tried, on which time, and what it is measured by.

    Attributes
    ----------
    windows, late, ahead, leap
        As in :class:`.WindowsRule`.
    sweeps, sets
        Thresholds to try, and sets of rules to compare.
    signals
        Codes of signals to compare whose warnings are in the table ``warning``, by the versions
        that made them; each is measured alone, and ``all`` of them together.

    Examples
    --------
    >>> rule = BacktestRule.from_toml('''
    ... [[sweeps]]
    ... code = "busy"
    ... when = "velocity > {x}"
    ... thresholds = ["2", "3.5", "5"]
    ... ''')
    >>> rule.sweeps[0].texts[1]
    'velocity > 3.5'
    """

    windows: tuple[Window, ...] = REFERENCE
    late: Span = "7d"
    ahead: Span = "10m"
    leap: LengthOrNone = None
    sweeps: tuple[Sweep, ...] = ()
    sets: tuple[RuleSet, ...] = ()
    signals: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _can_be_compared(self) -> Self:
        names = [s.code for s in self.sweeps] + [s.name for s in self.sets] + [*self.signals]
        if not names:
            raise UnfitError(what=both("unfit.nothing_tried"))
        names += [EVERY] if self.signals else []
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise UnfitError(what=both("unfit.tried_twice", names=", ".join(twice)))
        return self

    @property
    def stream(self) -> WindowsRule:
        """The windows, as the stream takes them."""
        given = {n: getattr(self, n) for n in ("windows", "late", "ahead", "leap")}
        return WindowsRule.make(**given)

    def program(self) -> Program:
        """Return all thresholds and then all rules of the sets as one program.

        Raises
        ------
        ExpressionError
            At the first that does not fit the windows and the fields of an event.
        """
        known = {**columns(table("watch_event")), **{w.name: _column(w) for w in self.windows}}
        tried = [
            Judgement(code=s.code, when=text, level="orange")
            for s in self.sweeps
            for text in s.texts
        ]
        tried += [rule for s in self.sets for rule in s.rules]
        return compiled([rule.checked(known) for rule in tried])


def _column(window: Window) -> Column:
    return Column("int" if window.whole else "decimal")
