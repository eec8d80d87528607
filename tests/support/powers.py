"""Random power lists, requests and histories, and a plain twin that decides on them."""

import random
from datetime import date, timedelta
from itertools import combinations

from liandong.govern.powers.deciding import Request
from liandong.govern.powers.entries import power

DAY = date(2026, 3, 2)
PEOPLE = ("li", "wang", "zhao", "qian")
ACTIONS = ("pay", "close", "export")
POSTS = ("role:payer", "post:chief")
REGIONS = ("310000", "320000", "320500", "320507")
KINDS = ("contract", "invoice")
STEPS = ("maker", "settle.disburse")
WORDS = {"region": REGIONS, "department": ("credit", "risk"), "level": ("red", "yellow"),
         "risk": range(5)}  # fmt: skip


def entry(rng: random.Random, k: int):
    """Return a random entry; most of its fields are empty."""
    row = {
        "power_id": f"P{k}", "holder": rng.choice((*PEOPLE, *POSTS, "*")),
        "action": rng.choice(ACTIONS),
    }  # fmt: skip
    extra = {
        "limit": lambda: rng.randrange(0, 20), "total_limit": lambda: rng.randrange(0, 60),
        "scope": lambda: {n: rng.sample(WORDS[n], 1) for n in ("region", "department")
                          if rng.random() < 0.5},
        "conditions": lambda: rng.choice(
            ({"level": ["red"]}, {"risk": {"most": rng.randrange(5)}}, {"risk": {"least": 1}})
        ),
        "conflicts": lambda: rng.sample(STEPS, rng.randrange(1, 3)),
        "evidence": lambda: rng.sample(KINDS, rng.randrange(1, 3)),
        "approvals": lambda: rng.choice((
            {"n": rng.randrange(1, 3), "of": rng.choice((*POSTS, "*"))},
            {"in_order": rng.choices((*POSTS, "*"), k=rng.randrange(1, 4))},
        )),
        "valid_from": lambda: DAY + timedelta(rng.randrange(-3, 2)),
        "valid_to": lambda: DAY + timedelta(rng.randrange(1, 4) - 2),
    }  # fmt: skip
    for name, make in extra.items():
        if rng.random() < 0.25:
            row[name] = make()
    if row.get("valid_to") and row.get("valid_from", date.min) > row["valid_to"]:
        del row["valid_from"]
    if rng.random() < 0.2:
        row |= {"period": "day", "period_limit": rng.randrange(0, 40)}
    return power(row)


def posts(rng: random.Random):
    """Return random rows of table ``post``."""
    spans = ((None, None), (DAY, None), (None, DAY - timedelta(1)))
    return [
        {"post_id": f"T{k}", "person": rng.choice(PEOPLE), "post": rng.choice(POSTS),
         "valid_from": since, "valid_to": until}
        for k, (since, until) in enumerate(rng.choices(spans, k=4))
    ]  # fmt: skip


def request(rng: random.Random) -> Request:
    about = {n: rng.choice(v) for n, v in WORDS.items() if rng.random() < 0.8}
    return Request(
        rng.choice(PEOPLE), rng.choice(ACTIONS), rng.choice((None, *range(20))), about,
        frozenset(k for k in KINDS if rng.random() < 0.6),
        frozenset(s for s in STEPS if rng.random() < 0.2),
        tuple(p for p in rng.sample(PEOPLE, 4) if rng.random() < 0.5),
    )  # fmt: skip


class Twin:
    """Decides as the definition says, one entry after the other, from the whole history."""

    def __init__(self, entries, terms, day):
        self.entries = sorted(entries, key=lambda p: p.power_id)
        self.terms, self.day, self.history = terms, day, []

    def within(self, x):
        get = x.get if isinstance(x, dict) else lambda n: getattr(x, n)
        since, until = get("valid_from") or date.min, get("valid_to") or date.max
        return since <= self.day <= until

    def has(self, person, group):
        return group == "*" or any(
            t["person"] == person and t["post"] == group and self.within(t) for t in self.terms
        )

    def decide(self, r):
        listed = [p for p in self.entries if p.action == r.action]
        if not listed:
            return "allow", None, 0
        needs = []
        for p in listed:
            if not self.within(p) or not (p.holder == r.actor or self.has(r.actor, p.holder)):
                continue
            if not self.bounds(p, r):
                continue
            more = p.approvals - self.agree(p, [a for a in r.approved if a != r.actor])
            if more <= 0:
                self.history.append((p.power_id, r.amount))
                return "allow", p.power_id, 0
            needs.append((more, p.power_id))
        if needs:
            more, name = min(needs)
            return "needs", name, more
        return "deny", None, 0

    def agree(self, p, people):
        """How many count: in order, the longest beginning of it that some of them make in turn."""
        if not p.in_order:
            return len({a for a in people if self.has(a, p.approvers)})
        return max(
            n for n in range(len(p.in_order) + 1)
            for some in combinations(people, n)
            if all(map(self.has, some, p.in_order))
        )  # fmt: skip

    def bounds(self, p, r):
        used = sum(a or 0 for name, a in self.history if name == p.power_id)
        money = [(p.limit, 0), (p.period_limit, used), (p.total_limit, used)]
        for most, before in money:
            if most is not None and (r.amount is None or before + r.amount > most):
                return False
        for name, allowed in p.scope:
            value = r.about.get(name)
            if name == "region" and value is not None:
                value = next((a for a in allowed if value.startswith(a.rstrip("0"))), None)
            if value not in allowed:
                return False
        if not all(self.holds(r.about.get(name), wanted) for name, wanted in p.conditions):
            return False
        return not set(p.conflicts) & r.done and set(p.evidence) <= set(r.evidence)

    def holds(self, value, wanted):
        if value is None or isinstance(wanted, tuple):
            return value is not None and value in wanted
        return wanted.get("least", value) <= value <= wanted.get("most", value)
