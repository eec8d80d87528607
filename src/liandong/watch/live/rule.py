"""What a watch looks at and how it judges: windows and rules in one text."""

from dataclasses import replace
from datetime import date
from typing import Self

from pydantic import model_validator

from liandong.schema.tables import table
from liandong.watch.episodes.rules import CodePace, EpisodesRule, Pace
from liandong.watch.language import Column, Judgement, columns, in_force
from liandong.watch.windows.rules import WindowsRule
from liandong.watch.windows.words import words

_OF_WINDOWS = tuple(WindowsRule.model_fields)


class WatchRule(WindowsRule):
    """Windows, the rules that judge their values, and candidates that judge in the shadow.

    Attributes
    ----------
    rules
        What is judged at every event; in TOML a ``[[rules]]`` for each. A version counts for the
        events that happen while it is valid; of one code only one may be valid at a time.
    shadow
        Candidates: they judge and are kept, but nobody is told, and no alert comes of it.
    pace
        How long alerts last that the warnings are joined to.
    paces
        Rules, by code, with a pace of their own.

    Examples
    --------
    >>> rule = WatchRule.from_toml('''
    ... [[windows]]
    ... name = "paid_24h"
    ... fn = "sum"
    ... over = "24h"
    ... of = "amount"
    ... [[rules]]
    ... code = "burst"
    ... when = "paid_24h > 50000000"
    ... level = "orange"
    ... ''')
    >>> rule.rules[0].level
    'orange'
    """

    rules: tuple[Judgement, ...] = ()
    shadow: tuple[Judgement, ...] = ()
    pace: Pace = Pace(hold="1d", cool="1d")
    paces: tuple[CodePace, ...] = ()

    @model_validator(mode="after")
    def _judges(self) -> Self:
        schema = self.schema_of_rows
        for rule in (*self.rules, *self.shadow):
            rule.checked(schema)
        for group in (self.rules, self.shadow):
            _once(group)
        self.of_episodes  # noqa: B018 - which refuses two paces of one code
        return self

    @property
    def schema_of_rows(self) -> dict[str, Column]:
        """What the names in rules stand for: fields of the event, and windows."""
        event = columns(table("watch_event"))
        event["amount"] = replace(event["amount"], unit="fen")
        return event | {
            w.name: Column("int" if w.whole else "decimal", *words(w)) for w in self.windows
        }

    @property
    def of_windows(self) -> WindowsRule:
        """The part of it that a :class:`.WindowStream` works by."""
        return WindowsRule(**{n: getattr(self, n) for n in _OF_WINDOWS})

    @property
    def of_episodes(self) -> EpisodesRule:
        """The part of it that an :class:`.EpisodeStream` works by."""
        return EpisodesRule(usual=self.pace, codes=self.paces)


def _once(rules: tuple[Judgement, ...]) -> None:
    """Refuse two versions of a code that are valid on one day."""
    # If two overlap at all, they do so on the first day of one of them, or before any day.
    for day in {r.valid_from or date.min for r in rules}:
        in_force(rules, day)
