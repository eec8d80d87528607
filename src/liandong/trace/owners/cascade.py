"""Control: stakes added up along majorities, and chains as strong as their weakest link."""

from typing import NamedTuple

import numpy as np

from liandong.trace.owners.register import Bool, Int, Register
from liandong.trace.owners.rules import WHOLE, OwnersRule

_RULE = 1_000_000_000
"""What a tie that is control by itself adds to a stake: more than any sum of shares."""


class Blocs(NamedTuple):
    """What holders have in companies together with all that they control.

    Attributes
    ----------
    holder, party
        Pairs.
    low, high
        The stake is at least and at most so much, ppm; the whole for control without shares.
    certain, possible
        Whether the stake is control with the least shares, and with the greatest.
    """

    holder: Int
    party: Int
    low: Int
    high: Int
    certain: Bool
    possible: Bool

    def only(self, here: Bool) -> "Blocs":
        """Return some of the pairs."""
        return Blocs(
            self.holder[here], self.party[here], self.low[here], self.high[here],
            self.certain[here], self.possible[here],
        )  # fmt: skip


def blocs_of(found: Register, rule: OwnersRule) -> Blocs:
    """Add up stakes along control, for every holder."""
    from liandong.kernels.graphs.control import blocs
    from liandong.kernels.graphs.strong import grouped

    count = len(found.ids)
    owner = _as_one(found, rule.together)
    first, order = grouped(owner, count)
    company = found.company[order]
    heads = np.unique(owner)

    def added(share: Int, least: int) -> tuple[Int, Int, Bool]:
        weight = np.where(found.rules, _RULE, share)[order]
        head, party, held, rules = blocs(first, company, weight, heads, rule.enough, least)
        stake = np.where(held >= _RULE, WHOLE, np.minimum(held, WHOLE))
        by = np.argsort(head * count + party)
        return (head * count + party)[by], stake[by], rules[by]

    key, high, possible = added(found.high, int(rule.least))
    if found.exact:
        return Blocs(key // count, key % count, high, high, possible, possible)
    sure, stake, rules = added(found.low, 1)
    low, certain = np.zeros(len(key), np.int64), np.zeros(len(key), bool)
    here = np.isin(key, sure)
    at = np.searchsorted(sure, key[here])
    low[here], certain[here] = stake[at], rules[at]
    return Blocs(key // count, key % count, low, high, certain, possible)


def _as_one(found: Register, together: tuple[str, ...]) -> Int:
    """Return the holder of each tie, those who count as one by the first of them."""
    ids = found.ids.to_pylist()
    place = {name: i for i, name in enumerate(ids)}
    members = [place[name] for name in together if name in place]
    if len(members) < 2:
        return found.owner
    return np.where(np.isin(found.owner, members), members[0], found.owner)


class Chains(NamedTuple):
    """How strong the chains between pairs are, and the links of those that are certain.

    Attributes
    ----------
    low, high
        By pair, ppm.
    many
        By pair, how many chains carry the least.
    pair, chain, tie, strength
        One row a link, from the holder down.
    """

    low: Int
    high: Int
    many: Int
    pair: Int
    chain: Int
    tie: Int
    strength: Int


def chains_of(found: Register, party: Int, holder: Int, least: int) -> Chains:
    """Find the chains between pairs; pairs of the same company stand together."""
    from liandong.kernels.graphs.control import chains
    from liandong.kernels.graphs.strong import grouped

    first, order = grouped(found.company, len(found.ids))
    owner = found.owner[order]

    def strengths(share: Int) -> tuple[Int, Int, Int, Int, Int, Int]:
        links = np.where(found.rules, WHOLE, share)[order]
        pair, chain, link, strength = chains(first, owner, links, party, holder, least)
        top = np.ones(len(pair), bool)
        top[1:] = (pair[1:] != pair[:-1]) | (chain[1:] != chain[:-1])
        total = np.bincount(pair[top], strength[top], len(party)).astype(np.int64)
        return (np.minimum(total, WHOLE), np.bincount(pair[top], minlength=len(party)),
                pair, chain, order[link], strength)  # fmt: skip

    low, count, *links = strengths(found.low)
    high = low if found.exact else strengths(found.high)[0]
    return Chains(low, np.maximum(high, low), count, *links)
