"""Finding records that stand for one firm (Fellegi and Sunter 1969)."""

from collections import Counter
from math import log10

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from liandong.assess.identity.compare import LEVELS, Record, agreement, pairs, records
from liandong.errors import UnfitError
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.texts import both
from liandong.types import Rate

DECIBANS = 10
"""Reasons are in decibans: ten times the decimal logarithm of how many times likelier."""
Shares = dict[str, tuple[float, ...]]

ALIKE: Shares = {
    "code": (0.9995, 0.0005),
    "name": (0.7,),
    "brand": (0.93, 0.06, 0.01),
    "business": (0.85, 0.13, 0.02),
    "form": (0.9, 0.1),
    "place": (0.85, 0.13, 0.02),
    "founded": (0.9, 0.07, 0.03),
}
CHANCE: Shares = {
    "code": (1e-6, 1 - 1e-6),
    "name": (1e-8,),  # within one place, no two firms may register one name
    "brand": (1e-3, 1e-2, 0.989),
    "business": (0.05, 0.15, 0.8),
    "form": (0.6, 0.4),
    "place": (0.05, 0.1, 0.85),
    "founded": (0.001, 0.1, 0.899),
}


class ResolveRule(Rule):
    """When two records are one firm.

    Attributes
    ----------
    twice
        Share of the records that are expected to have another one of the same firm.
    same, review
        Probabilities from which a pair is one firm, and from which a person should look.
    alike, chance
        How often each level of each part occurs between records of one firm, and by chance
        between others; they add up to 1 (but for whole names, which speak only where equal). For
        equal brands, chance is the share of records with that very brand instead: two rare brands
        say more than two common ones.
    """

    twice: Rate = Field(default=Rate(20_000), gt=0, lt=1_000_000)
    same: Rate = Field(default=Rate(950_000), gt=0, le=1_000_000)
    review: Rate = Field(default=Rate(500_000), gt=0, le=1_000_000)
    alike: Shares = Field(default=ALIKE)
    chance: Shares = Field(default=CHANCE)

    @field_validator("alike", "chance")
    @classmethod
    def _whole(cls, shares: Shares) -> Shares:
        shaped = {n: len(s) for n, s in shares.items()} == {n: len(s) for n, s in LEVELS.items()}
        sums = [sum(s) for n, s in shares.items() if n != "name"]
        if (
            not shaped
            or any(abs(s - 1) > 1e-9 for s in sums)
            or min(map(min, shares.values())) <= 0
        ):
            raise UnfitError(what=both("unfit.level_shares"))
        return shares


@fold(
    reads=("party",), writes=("same_party",), rule=ResolveRule, needs={"party": "load"}
)  # fmt: skip
def resolve(tables: Tables, rule: ResolveRule) -> Tables:
    """Find the records of firms that stand for one firm, and say why.

    Names are taken apart into region, brand, business and form, codes count if their check digit
    is right. Each part that is known in both records speaks for or against, in decibans; together
    with the prior they make the probability. Pairs to ``review`` are for people. Pairs that are
    the same share an ``entity_id``, the first id among all that hang together.
    """
    firms = tables["party"].filter(
        pc.is_in(tables["party"]["kind"], value_set=pa.array(["firm", "coop"]))
    )
    known = records(firms.to_pylist())
    found = []
    brands = Counter(r.name.brand for r in known)
    for i, j in pairs(known):
        spoken = evidence(known[i], known[j], rule, brands, len(known))
        # Of n records, a share of ``twice`` over n is the chance that any two are one firm.
        total = DECIBANS * log10(rule.twice / 1e6 / len(known)) + sum(spoken.values())
        chance = round(1e6 / (1 + 10 ** (-total / DECIBANS)))
        if chance >= min(rule.review, rule.same):
            found.append((known[i].party_id, known[j].party_id, chance, spoken))
    same = [(a, b) for a, b, chance, _ in found if chance >= rule.same]
    entity = entities(same)
    return output(
        "same_party",
        left=[f[0] for f in found],
        right=[f[1] for f in found],
        entity_id=[entity[f[0]] if f[2] >= rule.same else None for f in found],
        verdict=["same" if f[2] >= rule.same else "review" for f in found],
        probability=np.array([f[2] for f in found], np.int32),
        reasons=reason_list([_reasons(f[3]) for f in found]),
    )


def evidence(
    a: Record, b: Record, rule: ResolveRule, brands: Counter[str], firms: int
) -> dict[str, float]:
    """Return what each part says for (or, below 0, against) one firm, in decibans.

    Parameters
    ----------
    a, b
        Two records.
    rule
        How often each level occurs.
    brands, firms
        How many records have a brand, and how many records there are.
    """
    found = {}
    for part, level in agreement(a, b).items():
        by_chance = rule.chance[part][level]
        if part == "brand" and level == 0:
            by_chance = brands[a.name.brand] / firms
        ratio = rule.alike[part][level] / by_chance
        found[LEVELS[part][level]] = DECIBANS * log10(ratio)
    return found


def entities(same: list[tuple[str, str]]) -> dict[str, str]:
    """Return the first id among all records that hang together, for each.

    Examples
    --------
    >>> entities([("b", "c"), ("a", "b"), ("x", "y")])
    {'b': 'a', 'c': 'a', 'a': 'a', 'x': 'x', 'y': 'x'}
    """
    first = {i: i for pair in same for i in pair}

    def top(i: str) -> str:
        while first[i] != i:
            first[i] = first[first[i]]
            i = first[i]
        return i

    for a, b in same:
        low, high = sorted((top(a), top(b)))
        first[high] = low
    return {i: top(i) for i in first}


def _reasons(spoken: dict[str, float]) -> list[tuple[str, int]]:
    ordered = sorted(spoken.items(), key=lambda s: (-abs(s[1]), s[0]))
    return [(code, round(value)) for code, value in ordered]
