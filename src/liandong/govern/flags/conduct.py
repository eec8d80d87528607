"""Flags over what was spent on: days off, banquets, gifts, hotels, allowances, vendors, ties."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.govern.flags import calendar
from liandong.govern.flags.lines import Bool, Hits, Int, Lines
from liandong.kernels.flags.grouping import grouped

SHARED = ("address", "phone", "bank_account", "person")


def weekend(lines: Lines) -> Hits:
    """Banquets and gifts on a weekend that was not worked."""
    return _day_off(lines, "flags.weekend", calendar.WEEKEND)


def holiday(lines: Lines) -> Hits:
    """Banquets and gifts on a holiday."""
    return _day_off(lines, "flags.holiday", calendar.HOLIDAY)


def _day_off(lines: Lines, code: str, kind: int) -> Hits:
    rows = judged_by_day(lines)
    return lines.hits(code, "staff", rows[calendar.kinds(lines.day[rows]) == kind])


def judged_by_day(lines: Lines) -> Int:
    """Return the rows for which it matters what day it was."""
    return np.flatnonzero(lines.of(lines.rule.free_days))


def hotel(lines: Lines) -> Hits:
    """Many people of one unit in one hotel on one day."""
    rows = np.flatnonzero(lines.of(("hotel",)) & (lines.vendor.code >= 0))
    keys = (lines.unit.code, lines.vendor.code, lines.day)
    same = grouped(*(k[rows] for k in keys))
    heads = _distinct(same.group, lines.staff.code[rows][same.order], len(same.start))
    chosen = heads >= lines.rule.hotel_heads
    group = same.numbers(chosen)
    return lines.hits("flags.hotel", "unit", rows[same.rows(chosen)], group, heads[group])


def hotel_twice(lines: Lines) -> Hits:
    """One member of staff in two hotels on one day."""
    rows = np.flatnonzero(lines.of(("hotel",)) & (lines.vendor.code >= 0))
    same = grouped(lines.staff.code[rows], lines.day[rows])
    hotels = _distinct(same.group, lines.vendor.code[rows][same.order], len(same.start))
    chosen = hotels > 1
    return lines.hits("flags.hotel_twice", "staff", rows[same.rows(chosen)])


def _distinct(group: Int, value: Int, groups: int) -> Int:
    """Return how many different values each group has."""
    pairs = grouped(group, value)
    return np.bincount(group[pairs.order[pairs.start]], minlength=groups)


def allowance(lines: Lines) -> Hits:
    """More allowance in a month than there may be, in however many parts and names."""
    rows = np.flatnonzero(lines.of(("allowance",)))
    month = lines.day[rows].astype("M8[D]").astype("M8[M]").astype(np.int64)
    same = grouped(lines.staff.code[rows], month)
    total = same.sums(lines.amount[rows])
    chosen = total > lines.rule.allowance_month
    return lines.hits("flags.allowance", "staff", rows[same.rows(chosen)])


def gift_hidden(lines: Lines) -> Hits:
    """Gifts by their words, claimed as something else."""
    rule = lines.rule
    found = lines.says(rule.gift_words) & ~lines.of(rule.gift_categories)
    return lines.hits("flags.gift_hidden", "staff", np.flatnonzero(found))


def banquet_hidden(lines: Lines) -> Hits:
    """Banquets by their words, claimed as something else."""
    rule = lines.rule
    found = lines.says(rule.banquet_words) & ~lines.of(rule.banquet_categories)
    return lines.hits("flags.banquet_hidden", "staff", np.flatnonzero(found))


def banquet_head(lines: Lines) -> Hits:
    """Banquets that cost more for each guest than they may."""
    rows = np.flatnonzero(lines.of(("banquet",)))
    heads = lines.table["heads"].take(pa.array(rows)).fill_null(0).to_numpy()
    dear = (heads > 0) & (lines.amount[rows] > heads * int(lines.rule.head_most))
    each = lines.amount[rows] / np.maximum(heads, 1) / 100
    return lines.hits("flags.banquet_head", "staff", rows[dear], None, each[dear])


def vendor(lines: Lines) -> Hits:
    """Vendors that live on one member of staff."""
    rule = lines.rule
    rows = np.flatnonzero(lines.vendor.code >= 0)
    who = lines.vendor.code[rows]
    count = np.bincount(who, minlength=len(lines.vendor.words))
    rows = rows[count[who] >= rule.vendor_lines]  # few are left
    pair = grouped(lines.vendor.code[rows], lines.staff.code[rows])
    paid, own = pair.sums(lines.amount[rows]), lines.vendor.code[rows][pair.order[pair.start]]
    total = np.zeros(len(lines.vendor.words), np.int64)
    np.add.at(total, own, paid)
    chosen = (total[own] >= rule.vendor_amount) & (
        paid / np.maximum(total[own], 1) * 1e6 >= int(rule.vendor_share)
    )
    share = paid / np.maximum(total[own], 1)
    group = pair.numbers(chosen)
    return lines.hits("flags.vendor", "vendor", rows[pair.rows(chosen)], group, share[group])


def link(lines: Lines) -> Hits:
    """Lines of vendors that have an address, telephone, account or person of staff."""
    tied = np.zeros(len(lines.vendor.words) + 1, bool)  # the last one is that of no vendor
    known = lines.vendor_table
    for name in SHARED:
        own = lines.staff_table[name].drop_null()
        same = pc.and_(pc.is_valid(known[name]), pc.is_in(known[name], value_set=own))
        tied[:-1] |= _among(lines.vendor.words, known["vendor_id"].filter(same))
    return lines.hits("flags.link", "vendor", np.flatnonzero(tied[lines.vendor.code]))


def _among(words: pa.Array, some: pa.ChunkedArray) -> Bool:
    found: Bool = pc.is_in(words, value_set=some).to_numpy(zero_copy_only=False)
    return found
