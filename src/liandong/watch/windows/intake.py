"""Events as they come in: which are taken, in which order, and by which numbers.

None of this asks what windows say, so it can be done of some events while those before them are
still gone through.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from liandong.kernels.streams.admission import BEFORE_ALL, Bounds, admit
from liandong.kernels.streams.layout import AGAIN, TAKEN, Events, Int
from liandong.schema.arrow import conform
from liandong.schema.field import MONEY_MOST
from liandong.watch.windows.coding import Coding, amounts
from liandong.watch.windows.ledger import in_order, like_before, micros
from liandong.watch.windows.plan import Chosen
from liandong.watch.windows.rules import WindowsRule
from liandong.watch.windows.rules import micros as length
from liandong.watch.windows.told import quarantined

ANY_TIME = 1 << 60


class Admitted(NamedTuple):
    """Events that have been looked at.

    Attributes
    ----------
    by
        Who did.
    given
        All of them, as they came.
    events, numbers
        Those that are taken, in order and each of another place, and the same as numbers that run
        from 0.
    refused
        The table ``quarantine`` of the others.
    before, clock
        The newest time before and after them.
    subjects
        How many subjects there were up to here.
    """

    by: "Intake"
    given: pa.Table
    events: pa.Table
    numbers: Events
    refused: list[pa.Table]
    before: int
    clock: int
    subjects: int


class Intake:
    """Looks at events in the order in which they come in.

    Parameters
    ----------
    rule
        What time may do.
    chosen
        Which events windows are told of.

    Attributes
    ----------
    clock
        The newest time of all that was taken.
    coding
        The numbers of subjects and counterparties.
    """

    def __init__(self, rule: WindowsRule, chosen: Chosen) -> None:
        self.coding, self.clock = Coding(chosen.choices), BEFORE_ALL
        self.bounds = bounds_of(rule)

    def admit(self, events: pa.Table, bounds: Bounds | None = None) -> Admitted:
        """Look at rows of the table ``watch_event``.

        Parameters
        ----------
        bounds
            Others than those of the rule.
        """
        coded, given, events = events, events, conform("watch_event", events)
        codes, clock = self.codes(events, bounds or self.bounds)
        refused = []
        if (codes != TAKEN).any():
            refused.append(quarantined(events, codes))
            coded = events = events.filter(codes == TAKEN)
        ordered = in_order(events)
        found = self.taken(ordered, coded if ordered is events else ordered)
        self.clock = clock
        return found._replace(given=given, refused=refused + found.refused, clock=clock)

    def codes(self, events: pa.Table, bounds: Bounds) -> tuple[Int, int]:
        """Tell what becomes of events by their times, and the clock after them."""
        times = micros(events["at"]), micros(events["seen_at"])
        codes, clock = admit(*times, amounts(events), self.clock, bounds)
        return codes, clock

    def taken(self, events: pa.Table, coded: pa.Table) -> Admitted:
        """Return events in order that are neither too late nor too early; the clock stands still.

        Parameters
        ----------
        coded
            The same, perhaps with dictionaries of subjects and counterparties.
        """
        refused = []
        alike = like_before(events)
        if alike.any():
            doubled = events.filter(alike)
            refused.append(quarantined(doubled, np.full(len(doubled), AGAIN)))
            coded = events = events.filter(~alike)
        numbers = self.coding.events(events, coded)
        return Admitted(
            self, events, events, numbers, refused, self.clock, self.clock, self.coding.subjects
        )


def bounds_of(rule: WindowsRule) -> Bounds:
    """Return what is borne of the times and amounts of events."""
    leap = length(rule.leap) if rule.leap is not None else ANY_TIME
    return length(rule.late), length(rule.ahead), leap, MONEY_MOST
