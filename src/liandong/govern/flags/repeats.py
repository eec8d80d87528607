"""Flags over lines that belong together: split, claimed twice, in a row."""

import re

import numpy as np

from liandong.govern.flags.lines import Hits, Int, Lines
from liandong.kernels.flags.grouping import covered, grouped, windows

_NOT_SAID = re.compile(r"[^0-9A-Z]")
_ALIKE = str.maketrans("OIL", "011")
_TAIL = re.compile(r"(\d{1,18})\D*$")


def split(lines: Lines) -> Hits:
    """Lines of one unit, vendor and few days, each below the limit and together not."""
    rule, amount = lines.rule, lines.amount
    small = np.flatnonzero(
        (amount >= rule.split_least) & (amount < rule.limit) & (lines.vendor.code >= 0)
    )
    unit, vendor, day = (c[small] for c in (lines.unit.code, lines.vendor.code, lines.day))
    by_day = grouped(unit, vendor, day)
    order = by_day.order
    group = np.cumsum(np.append(True, (np.diff(unit[order]) != 0) | (np.diff(vendor[order]) != 0))[
        : len(order)
    ])  # fmt: skip
    # Lines of one day count together: each window ends with the last of them.
    last = by_day.start + by_day.size - 1
    window = windows(group, day[order], amount[small][order], rule.split_days)
    ends = np.zeros(len(order), bool)
    ends[last] = window.sums[last] >= rule.limit
    inside = covered(window.first, ends)
    return lines.hits("flags.split", "unit", small[order[inside]], group[inside])


def below(lines: Lines) -> Hits:
    """Lines just below the limit, many more than just above it, of one member of staff."""
    rule, amount, staff = lines.rule, lines.amount, lines.staff
    wide = int(rule.limit) * int(rule.band) // 1_000_000
    under = (amount >= rule.limit - wide) & (amount < rule.limit)
    over = (amount >= rule.limit) & (amount < rule.limit + wide)
    low, high = (np.bincount(staff.code[m], minlength=len(staff.words)) for m in (under, over))
    many = (low >= rule.below_least) & (low >= rule.below_times * np.maximum(high, 1))
    return lines.hits("flags.below", "staff", np.flatnonzero(under & many[staff.code]))


def duplicate(lines: Lines) -> Hits:
    """Lines that are alike in vendor, day, amount and invoice."""
    given = lines.shared_invoices
    keys = (lines.vendor.code, lines.invoice.code, lines.amount, lines.day)
    same = grouped(*(k[given] for k in keys))
    chosen = same.size > 1
    return lines.hits("flags.duplicate", "vendor", given[same.rows(chosen)], same.numbers(chosen))


def reused(lines: Lines) -> Hits:
    """One invoice of a vendor claimed with different amounts."""
    given = lines.shared_invoices
    amount = lines.amount[given]
    same = grouped(lines.vendor.code[given], lines.invoice.code[given])
    chosen = _differ(same.size, same.start, amount[same.order])
    return lines.hits("flags.reused", "vendor", given[same.rows(chosen)], same.numbers(chosen))


def _differ(size: Int, start: Int, sorted_values: Int) -> np.ndarray:
    if not len(size):
        return size > 1
    least = np.minimum.reduceat(sorted_values, start)
    return (size > 1) & (np.maximum.reduceat(sorted_values, start) > least)


def near(lines: Lines) -> Hits:
    """Find the same vendor, amount and invoice, the invoice written in another way."""
    given = np.flatnonzero((lines.vendor.code >= 0) & (lines.invoice.code >= 0))
    twin = _neighbours(lines, given)
    words = lines.invoice.words
    plain: dict[str, int] = {}
    code = np.array([plain.setdefault(_plain(words[i].as_py()), len(plain))
                     for i in lines.invoice.code[twin].tolist()], np.int64)  # fmt: skip
    alike = grouped(lines.vendor.code[twin], lines.amount[twin], code)
    day, invoice = (c[twin][alike.order] for c in (lines.day, lines.invoice.code))
    chosen = _differ(alike.size, alike.start, invoice)
    if len(alike.start):
        days = np.maximum.reduceat(day, alike.start) - np.minimum.reduceat(day, alike.start)
        chosen &= days <= lines.rule.near_days
    return lines.hits("flags.near", "vendor", twin[alike.rows(chosen)], alike.numbers(chosen))


def _neighbours(lines: Lines, given: Int) -> Int:
    """Return the rows that another of the same vendor and amount is near to in time."""
    same = grouped(lines.vendor.code[given], lines.amount[given], lines.day[given])
    rows = given[same.order]
    keys = (lines.vendor.code[rows], lines.amount[rows])
    close = np.diff(lines.day[rows]) <= lines.rule.near_days
    for k in keys:
        close &= np.diff(k) == 0
    beside = np.append(close, False) | np.append(False, close)
    found: Int = rows[beside[: len(rows)]]
    return found


def _plain(invoice: str) -> str:
    """Return an invoice number without what is often read or written in another way."""
    return _NOT_SAID.sub("", invoice.upper()).translate(_ALIKE).lstrip("0")


def serial(lines: Lines) -> Hits:
    """Invoices of one vendor with numbers in a row, claimed by one member of staff."""
    least = lines.rule.serial_least
    given = np.flatnonzero((lines.vendor.code >= 0) & (lines.invoice.code >= 0))
    pair = grouped(lines.staff.code[given], lines.vendor.code[given])
    rows = given[np.sort(pair.rows(pair.size >= least))]
    tails = [_TAIL.search(lines.invoice.words[i].as_py())
             for i in lines.invoice.code[rows].tolist()]  # fmt: skip
    rows = rows[np.array([t is not None for t in tails], bool)]
    number = np.array([int(t[1]) for t in tails if t], np.int64)
    staff, vendor = lines.staff.code[rows], lines.vendor.code[rows]
    order = np.lexsort((number, vendor, staff))
    step, other = np.diff(number[order]), np.diff(staff[order]) | np.diff(vendor[order])
    new = np.append(True, (step > 1) | (other != 0))[: len(order)]
    run = np.cumsum(new) - 1
    # A number that is there twice makes a run no longer.
    further = np.append(True, (step == 1) & (other == 0))[: len(order)] | new
    chosen = np.bincount(run[further], minlength=run[-1] + 1 if len(run) else 0) >= least
    inside = chosen[run]
    return lines.hits("flags.serial", "staff", rows[order[inside]], run[inside])
