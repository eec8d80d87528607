"""Principal on average over the days of a month, as a subsidy counts days."""

import numpy as np
from numpy.typing import NDArray

from liandong.settle.agreements.nodes import Count
from liandong.settle.bases.courses import Cells, Courses, months
from liandong.types import PPM

Int = NDArray[np.int64]


def outstanding(courses: Courses, rows: Int, until: int, count: Count, part: int) -> Cells:
    """Return the average principal of loans in each month before ``until``.

    What is owed at the end of a day counts from the first day of a loan until the day before it
    falls due or defaults: what is overdue bears no subsidy. It is exact: days are added up in whole
    numbers, and each loan and month is rounded once, halves up.

    Parameters
    ----------
    courses, rows
        Loans, and which of them.
    until
        Month since 1970 before which months are told.
    count
        How days are counted. By ``30/360`` the days of a month have the weights of 30E/360.
    part
        The part that counts, ppm.
    """
    end = _first_day(np.array([until]))[0]
    rows = rows[courses.start[rows] < end]
    stop = np.minimum(np.minimum(courses.due[rows], courses.fell[rows]), end)
    rows, stop = rows[stop > courses.start[rows]], stop[stop > courses.start[rows]]
    begin = months(courses.start[rows])
    size = months(stop) - begin + 1
    offset = np.cumsum(size) - size
    place, day, change = _changed(courses, rows, stop)
    cell = offset[place] + months(day) - begin[place]
    total = int(size.sum())
    month = np.arange(total) - np.repeat(offset - begin, size)
    first, last = (_weight(_first_day(month + k), count) for k in (0, 1))
    days, level = np.zeros(total, np.int64), np.zeros(total + 1, np.int64)
    np.add.at(days, cell, change * (last[cell] - _weight(day, count)))
    # All changes of a loan add up to 0, so that nothing of it is left where the next one begins.
    np.add.at(level, cell + 1, change)
    days += np.cumsum(level[:-1]) * (last - first)
    amount = scaled(days, part, (last - first) * PPM)
    there = amount != 0
    return Cells(np.repeat(rows, size)[there], month[there], amount[there])


def scaled(value: Int, part: int, by: Int | int) -> Int:
    """Return ``value * part / by`` to the nearest whole number, halves up; exact within 64 bits.

    Examples
    --------
    >>> scaled(np.array([10**15 + 1]), 500_000, 1_000_000).tolist()
    [500000000000001]
    """
    whole, rest = np.divmod(value, by)
    return np.asarray(whole * part + (2 * rest * part + by) // (2 * by), np.int64)


def _changed(courses: Courses, rows: Int, stop: Int) -> tuple[Int, Int, Int]:
    """Return when principal changed, and by how much: place in ``rows``, day, fen."""
    place = np.full(len(courses.amount), -1)
    place[rows] = np.arange(len(rows))
    at = place[courses.row]
    paid = (at >= 0) & (courses.day < stop[at]) if len(rows) else np.zeros(len(at), bool)
    owed = courses.owed(rows, stop - 1)
    every = np.arange(len(rows))
    return (
        np.concatenate([every, at[paid], every]),
        np.concatenate([courses.start[rows], courses.day[paid], stop]),
        np.concatenate([courses.amount[rows], -courses.back[paid], -owed]),
    )


def _first_day(month: Int) -> Int:
    return np.asarray(month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def _weight(day: Int, count: Count) -> Int:
    """Return what days before a day weigh: they differ by the days that a count finds between."""
    if count != "30/360":
        return day
    month = months(day)
    return np.asarray(30 * month + np.minimum(day - _first_day(month) + 1, 30), np.int64)
