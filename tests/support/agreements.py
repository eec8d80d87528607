"""Shares worked out a second time: unit fractions, step by step, without any code of ours."""

from datetime import date
from fractions import Fraction
from math import floor


def split_tiers(tiers, tops, base):
    """What each party has of a base, tier by tier."""
    have, below = {}, 0
    sign, size = (1 if base >= 0 else -1), abs(base)
    for tier, top in zip(tiers, tops, strict=True):
        height = size - below if top is None else min(size, top) - below
        if height > 0:
            inside = {p.party: p.portion * height for p in tier.parts}
            for p in tier.parts:
                if p.cap is not None and inside[p.party] > p.cap:
                    inside[p.excess] = inside.get(p.excess, 0) + inside[p.party] - p.cap
                    inside[p.party] = Fraction(p.cap)
            for party, value in inside.items():
                have[party] = have.get(party, 0) + sign * value
        below = below if top is None else max(below, top)
    return have


def limited(have, clause, *, year_ends):
    """Caps one after the other, first those that nobody passes on to; then floors."""
    have, caps = dict(have), list(clause.caps)
    while caps:
        cap = next(c for c in caps if c.party not in {o.excess for o in caps})
        caps.remove(cap)
        value = have.get(cap.party, Fraction(0))
        kept = max(-cap.amount, min(cap.amount, value))
        have[cap.party] = kept
        have[cap.excess] = have.get(cap.excess, 0) + value - kept
    for f in clause.floors if year_ends else ():
        paid = max(f.amount - have.get(f.party, 0), 0)
        paid = paid if f.most is None else min(paid, f.most)
        have[f.party] = have.get(f.party, 0) + paid
        have[f.payer] = have.get(f.payer, 0) - paid
    return have


def last_day(period):
    year, month = map(int, period.split("-"))
    return date(year + month // 12, month % 12 + 1, 1)


def exact(clause, facts):
    """Exact shares in all by the end of each month, before any clawback: month → party → share."""
    months = sorted({p for n, p in facts if n in clause.bases})
    closed, found = {}, {}
    base = start = 0
    before, year, now, uncapped = {}, None, {}, {}
    for month in months:
        this = int(month[:4])
        if year is not None and this != year:
            if clause.yearly:
                closed = {p: closed.get(p, 0) + v for p, v in _all(now, clause).items()}
                base = start = 0
                before = {}
            else:
                before, start = uncapped, base
        year = this
        base += sum(facts.get((n, month), 0) for n in clause.bases)
        number = this - clause.valid.first.year + 1
        tiers, tops = _in_force(clause, number, facts, month)
        if clause.yearly or not clause.replacements:
            uncapped = split_tiers(tiers, tops, base)
        else:
            up, down = (split_tiers(tiers, tops, x) for x in (base, start))
            uncapped = {p: before.get(p, 0) + up.get(p, 0) - down.get(p, 0) for p in clause.parties}
        now = limited(uncapped, clause, year_ends=month.endswith("-12"))
        found[month] = {p: closed.get(p, 0) + v for p, v in _all(now, clause).items()}
    return found


def _all(have, clause):
    return {p: Fraction(have.get(p, 0)) for p in clause.parties}


def _in_force(clause, number, facts, month):
    tiers, tops, below = [], [], 0
    for tier in clause.tiers:
        for r in clause.replacements:
            if r.first <= number <= r.last and r.tier.limit == tier.limit:
                tier = r.tier  # noqa: PLW2901 - another tier in its place
        tiers.append(tier)
        if tier.limit is None:
            tops.append(None)
        elif clause.kind == "agreement":
            tops.append(tier.limit)
        else:
            of = sum(v for (n, p), v in facts.items() if n == tier.of and p <= month)
            below += floor(tier.limit * (of if tier.of else 1))
            tops.append(below)
    return tiers, tops
