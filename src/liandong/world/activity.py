"""How business goes: seasons that all firms share, and a course of its own for each firm."""

import numpy as np
from numpy.random import Generator

from liandong.world.arrays import Floats, Ints
from liandong.world.industries import trait
from liandong.world.months import Months
from liandong.world.plan import DECLINE_MONTHS, Plan

YEAR = np.array([1.00, 0.97, 1.02, 0.99, 1.00, 1.04, 0.97, 0.97, 1.02, 0.99, 1.05, 1.18])
"""Sales by month of the year before holidays are taken off."""
GROWTH = 0.002
MEMORY, SHOCK = 0.93, 0.05
"""The logarithm of a firm's level keeps MEMORY of its last value and takes a SHOCK (standard
deviation) each month: a stationary process, so that the first year is like the others."""


def seasons(months: Months) -> Floats:
    """Return the seasonal factor of each industry (row) and month, about 1 on average.

    Work rests around Spring Festival, while shops and restaurants gain.
    """
    swing = trait("season")[:, None]
    rest = np.where(trait("stage") >= 5, -0.15, 0.6)[:, None]
    usual = 1 + swing * (YEAR / YEAR.mean() - 1)[months.number]
    return np.asarray(usual * (1 - rest * months.idle))


def courses(count: int, months: Months, plan: Plan, rng: Generator) -> Floats:
    """Return each firm's own level of business by month, about 1 at the start.

    A stationary first-order process around a trend; the planted decliners sink within some months.
    """
    t = np.arange(months.count)
    trend = GROWTH + rng.normal(0, 0.003, (count, 1))
    state = rng.normal(0, SHOCK, (count, months.count))
    state[:, 0] /= np.sqrt(1 - MEMORY**2)
    for month in t[1:]:
        state[:, month] += MEMORY * state[:, month - 1]
    level = np.exp(state + trend * t)
    sunk = np.clip((t - plan.decline_from[:, None]) / DECLINE_MONTHS, 0, 1)
    level[plan.declining] *= plan.decline_to[:, None] ** sunk
    return np.asarray(level)


def after_stop(stop: Ints, closed: Ints, months: int) -> Floats:
    """Return what failing leaves of a firm's business, by firm and month.

    Parameters
    ----------
    stop
        Month in which each firm stops to pay, ``months`` or more for never.
    closed
        Month in which it closes for good.
    months
        Number of months.
    """
    t = np.arange(months)
    since = t - stop[:, None]
    left = np.where(since >= 0, 0.8 * 0.93 ** np.maximum(since, 0), 1.0)
    return np.asarray(np.where(t >= closed[:, None], 0.0, left))
