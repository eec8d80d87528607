"""The step of the flags over expenses and payments."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pyarrow as pa

from liandong.govern.flags import calendar, conduct, digits, repeats
from liandong.govern.flags.lines import Hits, Lines
from liandong.govern.flags.rules import ExpenseRule
from liandong.govern.flags.told import Flag, Told, tables_of
from liandong.step import Tables, fold

KINDS: tuple[Callable[[Lines], Hits], ...] = (
    repeats.split, repeats.below, repeats.duplicate, repeats.near, repeats.reused, repeats.serial,
    conduct.weekend, conduct.holiday, digits.first_digit, digits.first_two, digits.round_amounts,
    digits.spike, conduct.hotel, conduct.hotel_twice, conduct.vendor, conduct.allowance,
    conduct.gift_hidden, conduct.banquet_head, conduct.banquet_hidden, conduct.link,
)  # fmt: skip
"""The twenty kinds of flags."""


@fold(
    reads=("expense", "staff", "vendor"),
    writes=("red_flag", "flag_summary"),
    rule=ExpenseRule,
)
def expense_flags(tables: Tables, rule: ExpenseRule) -> Tables:
    """Point at expense lines that somebody should look at; say for each kind what share that is.

    A flag is no finding: it names rows, an amount and a reason. Days of years without a known
    calendar are not judged as days off; ``flag_summary`` counts them as ``calendar_unknown``.
    """
    expense = tables["expense"].combine_chunks()
    lines = Lines(expense, tables["staff"], tables["vendor"], rule)
    if not len(lines):
        return tables_of((), rule)
    told = [_told(lines, kind(lines)) for kind in KINDS]
    return tables_of(told, rule, _unknown(lines))


def _unknown(lines: Lines) -> list[Told]:
    rows = conduct.judged_by_day(lines)
    rows = rows[calendar.kinds(lines.day[rows]) == calendar.UNKNOWN]
    if not len(rows):
        return []
    return [_told(lines, lines.hits("flags.calendar_unknown", "staff", rows))]


def _told(lines: Lines, hits: Hits) -> Told:
    """Return the flags of a kind, each with the ids of its rows."""
    order = np.argsort(hits.group, kind="stable")
    rows, group = hits.rows[order], hits.group[order]
    ids = lines.table["expense_id"].take(pa.array(rows)).to_pylist()
    amount, subject = lines.amount[rows], getattr(lines, hits.kind)
    start = np.flatnonzero(np.append(True, np.diff(group) != 0)[: len(group)]).tolist()
    code, found = hits.code.removeprefix("flags."), []
    for a, b in pairwise([*start, len(rows)]):
        who = subject.words[int(subject.code[rows[a]])].as_py()
        greatest = float(hits.value[order[a:b]].max())
        value = None if np.isnan(greatest) else greatest
        total = int(amount[a:b].sum())
        evidence = tuple(sorted(ids[a:b]))
        flag = Flag(code, hits.code, hits.kind, who, total, value, "expense", evidence)
        found.append(flag)
    return Told(code, len(lines), found)
