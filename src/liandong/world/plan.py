"""Who plays which hidden part: chosen before anything happens, at random and without overlap."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from liandong.world.arrays import Floats, Ints
from liandong.world.firms import Firms
from liandong.world.months import Months
from liandong.world.rule import MOST_IN_CARTEL, MOST_IN_RING, WorldRule, planted_count

DECLINE_MONTHS = 8
"""From the first month of a decline to its bottom."""


@dataclass(frozen=True)
class Plan:
    """Firms by hidden part.

    Attributes
    ----------
    shells, bosses
        Firms without staff or machines, and the firm each of them passes its money to.
    declining, decline_from, decline_to
        Firms that lose their sales, the month it starts, and the share that is left in the end.
    rings
        Firms that guarantee each other in a circle, in that order.
    cartels
        Firms of one owner that bid against each other.
    helpers
        Firms through which borrowers will move money, used in this order.
    """

    shells: Ints
    bosses: Ints
    declining: Ints
    decline_from: Ints
    decline_to: Floats
    rings: list[Ints]
    cartels: list[Ints]
    helpers: Ints


def draw_plan(rule: WorldRule, firms: Firms, months: Months, rng: Generator) -> Plan:
    """Deal the hidden parts to firms that are neither tiny nor giants."""
    count = len(firms)
    low, high = np.quantile(firms.revenue, (0.15, 0.98))
    deck = rng.permutation(np.flatnonzero((firms.revenue > low) & (firms.revenue < high)))
    cards = iter(np.split(deck, np.arange(1, len(deck))))
    shells = planted_count(rule.shells, count)
    declining = planted_count(rule.declining, count)
    rings = rng.integers(3, MOST_IN_RING + 1, planted_count(rule.rings, count))
    cartels = rng.integers(3, MOST_IN_CARTEL + 1, planted_count(rule.cartels, count))
    return Plan(
        shells=_deal(cards, shells),
        bosses=_deal(cards, shells),
        declining=_deal(cards, declining),
        decline_from=rng.integers(4, max(5, months.count - DECLINE_MONTHS - 2), declining),
        decline_to=rng.uniform(0.15, 0.45, declining),
        rings=[_deal(cards, int(k)) for k in rings],
        cartels=[_deal(cards, int(k)) for k in cartels],
        helpers=np.concatenate(list(cards)),
    )


def _deal(cards: Iterator[Ints], count: int) -> Ints:
    return np.concatenate([next(cards) for _ in range(count)])
