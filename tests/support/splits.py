"""All the ways in which money can be parted, counted out or solved as a linear program."""

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array


def ends(flows, opening, supply):
    """Return all the ways in which money can lie at the end, as tuples by account.

    ``flows`` are (src, dst, amount); ``opening`` is all money at the start, ``supply`` the part of
    it that is followed.
    """
    balance, ways = list(opening), {tuple(supply)}
    for src, dst, amount in flows:
        if src == dst:
            continue
        balance[src] = max(balance[src] - amount, 0)
        balance[dst] += amount
        ways = {
            tuple(f + x * ((a == dst) - (a == src)) for a, f in enumerate(way))
            for way in ways
            for x in range(min(amount, way[src]) + 1)
            if way[src] - x <= balance[src]
        }
    return ways


def counted(flows, opening, supply, place):
    """Return least and most at a place, by looking at all ways."""
    there = [sum(way[a] for a in place) for way in ends(flows, opening, supply)]
    return min(there), max(there)


def solved(flows, opening, supply, place):
    """Return least and most at a place as HiGHS finds them, by events of all accounts."""
    balance, latest, arcs, right = list(opening), {}, [], []

    def event(account, inflow):
        v = len(right)
        right.append(inflow)
        if account in latest:
            u, room = latest[account]
            arcs.append((u, v, room))
        return v

    start = dict(enumerate(supply))
    for src, dst, amount in flows:
        if src == dst:
            continue
        u, v = (event(a, start.pop(a, 0)) for a in (src, dst))
        balance[src] = max(balance[src] - amount, 0)
        balance[dst] += amount
        arcs.append((u, v, amount))
        latest[src], latest[dst] = (u, balance[src]), (v, balance[dst])
    goals = {}
    for account, (u, room) in latest.items():
        goals[account] = len(arcs)
        arcs.append((u, -1, room))
    alone = sum(start.get(a, 0) for a in place)  # what never meets a transfer stays
    cost = np.zeros(len(arcs))
    cost[[goals[a] for a in place if a in goals]] = 1
    if not arcs:
        return alone, alone
    joined = ((e, k, s) for k, (u, v, _) in enumerate(arcs) for e, s in ((u, 1), (v, -1)))
    entries = [entry for entry in joined if entry[0] >= 0]
    at, arc, sign = zip(*entries, strict=True)
    matrix = coo_array((sign, (at, arc)), shape=(len(right), len(arcs)))
    found = [
        linprog(s * cost, A_eq=matrix, b_eq=right, bounds=[(0, room) for *_, room in arcs])
        for s in (1, -1)
    ]
    assert all(f.status == 0 for f in found)
    return alone + round(found[0].fun), alone - round(found[1].fun)
