"""Features of transfers by brute force: every row looks at the list of all rows up to it."""

from bisect import bisect_left
from itertools import pairwise

import numpy as np

DAY = 86_400_000_000
WINDOWS = {"1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY}


def described(rows, e):
    """Return {column: value} of row ``e`` of ``rows``, tuples (src, dst, at, amount) in order.

    ``circles_cut`` is left out: nothing is cut here.
    """
    src, dst, at, amount = rows[e]
    found = {**_end(rows, e, src, "src_"), **_end(rows, e, dst, "dst_")}
    found |= _couple(rows, e, src, dst, "pair") | _couple(rows, e, dst, src, "back")
    before = [r for r in rows[:e] if r[:2] == (src, dst) and r[2] >= at - WINDOWS["30d"]]
    found["pair_ratio_30d"] = _over(amount, [r[3] for r in before])
    received = [r for r in rows[:e] if r[1] == src]
    recent = received[-1:] if received and received[-1][2] >= at - DAY else []
    found["passed_on"] = _over(amount, [r[3] for r in recent])
    for legs in (2, 3, 4, 5):
        found[f"circles_{legs}"] = len(_circles(rows, e, legs))
    found["scatter_gather"] = _scatter_gather(rows, e)
    found["paid"] = amount
    found["round"] = len(str(amount)) - len(str(amount).rstrip("0")) if amount else 0
    found["hour"], found["weekday"] = at // (DAY // 24) % 24, (at // DAY + 3) % 7
    return found


def account(rows, name):
    """Return {column: value} of an account after all rows."""
    found = _end([*rows, (None, None, rows[-1][2], 0)], len(rows), name, "")
    return {k: v for k, v in found.items() if "ratio" not in k}


def _end(rows, e, who, mark):
    at, amount, found = rows[e][2], rows[e][3], {}
    mine = [[r for r in rows[: e + 1] if r[way] == who] for way in (0, 1)]
    for way, name in enumerate(("out", "in")):
        for days, span in WINDOWS.items():
            inside = [r for r in mine[way] if r[2] >= at - span]
            money = sum(r[3] for r in inside)
            found[f"{mark}{name}_count_{days}"] = len(inside)
            found[f"{mark}{name}_fan_{days}"] = len({r[1 - way] for r in inside})
            found[f"{mark}{name}_sum_{days}"] = money
            found[f"{mark}{name}_mean_{days}"] = money / len(inside) if inside else -1
        amounts = [r[3] for r in inside]
        found[f"{mark}{name}_max_30d"] = max(amounts, default=-1)
        found[f"{mark}{name}_min_30d"] = min(amounts, default=-1)
        found[f"{mark}{name}_spread_30d"] = np.std([_log2(x) for x in amounts]) if amounts else -1
        earlier = [r for r in rows[:e] if r[way] == who]
        found[f"{mark}{name}_last"] = earlier[-1][3] if earlier else -1
        found[f"{mark}{name}_since"] = (at - earlier[-1][2]) // 10**6 if earlier else -1
        known = [r[3] for r in earlier if r[2] >= at - WINDOWS["30d"]]
        found[f"{mark}{name}_ratio_30d"] = _over(amount, known)
    for days in WINDOWS:
        out, got = (found[f"{mark}{w}_sum_{days}"] for w in ("out", "in"))
        found[f"{mark}through_{days}"] = out / got if got else -1
    found[f"{mark}age"] = (at - min(r[2] for r in (*mine[0], *mine[1]))) // 10**6
    fans = (found[f"{mark}{w}_fan_1d"] for w in ("out", "in"))
    found[f"{mark}gather_scatter_1d"] = min(fans)
    return found


def _log2(amount):
    """Return log2 of 1 + amount, straight between powers of two, cut to 1024ths."""
    k = (amount + 1).bit_length() - 1
    return k + ((amount + 1 - 2**k) * 1024 // 2**k) / 1024


def _over(amount, before):
    return amount * len(before) / sum(before) if sum(before) else -1


def _couple(rows, e, src, dst, name):
    at, found = rows[e][2], {}
    for days, span in WINDOWS.items():
        inside = [r for r in rows[: e + 1] if r[:2] == (src, dst) and r[2] >= at - span]
        found[f"{name}_count_{days}"] = len(inside)
    found[f"{name}_sum_30d"] = sum(r[3] for r in inside)
    earlier = [r for r in rows[:e] if r[:2] == (src, dst) and r[2] >= at - WINDOWS["30d"]]
    found[f"{name}_since"] = (at - earlier[-1][2]) // 10**6 if earlier else -1
    return found


def _circles(rows, e, legs):
    """Return the distinct ways through accounts, found by growing paths forward from the payee."""
    src, dst, at, _ = rows[e]
    begin = bisect_left([r[2] for r in rows], at - DAY)
    paths = [((dst,), -1)] if src != dst else []
    for _ in range(legs - 1):
        paths = [
            ((*path, r[1]), r[2]) for path, last in paths for r in rows[begin:e]
            if r[0] == path[-1] and last < r[2] < at and r[1] not in path
        ]  # fmt: skip
    return {path for path, _ in paths if path[-1] == src and all(a != b for a, b in pairwise(path))}


def _scatter_gather(rows, e, most=8):
    src, dst, at, _ = rows[e]
    inside = [r for r in rows[: e + 1] if r[2] >= at - DAY]

    def payers(who):
        return [r[0] for r in inside if r[1] == who][-most:]

    if src == dst:
        return 0
    sources = {x for x in payers(src) if x not in (src, dst)}
    middles = {x for x in payers(dst) if x not in (src, dst)}
    return sum(bool(sources & set(payers(m))) for m in middles)
