"""Applications split among firms of one controller, and look-alikes that are not."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from liandong.world.arrays import WAN
from liandong.world.truth import Fact

LEAST, MOST = 40, 2_000
"""What a split application asks for in all, in 10,000 yuan."""
MOST_PARTS = 4
DAYS = 30
"""All parts are asked for within this many days, the last on the last day of the world."""
HALF = 500_000
"""Holding more than this, ppm, is control."""

Family = list[str]
"""Firms that ask together, and whoever controls them all before them."""


class Wishes:
    """What is asked for beside the ordinary projects: one entry a project.

    Attributes
    ----------
    party, need, day, kind
        Applicants, amounts in 10,000 yuan, days since 1970-01-01, and a number that parts of one
        application share: from it follow term and purpose.
    groups
        Entries of each split application, and who controls its applicants.
    """

    def __init__(self) -> None:
        self.party: list[str] = []
        self.need: list[int] = []
        self.day: list[int] = []
        self.kind: list[int] = []
        self.groups: list[tuple[list[int], str]] = []

    def ask(self, firms: Family, end: int, rng: Generator) -> list[int]:
        """Let firms ask for parts of one amount; return the entries."""
        whole = int(np.exp(rng.uniform(np.log(LEAST), np.log(MOST))))
        shares = rng.dirichlet(np.full(len(firms), 5.0))
        day = end - 1 - rng.integers(0, DAYS + 1, len(firms))
        day[rng.integers(0, len(firms))] = end - 1
        first, kind = len(self.party), int(rng.integers(0, 1_000))
        self.party += firms
        self.need += np.maximum(5, np.rint(whole * shares).astype(np.int64)).tolist()
        self.day += day.tolist()
        self.kind += [kind] * len(firms)
        return list(range(first, len(self.party)))


def draw_splits(
    count: int, edge: pa.Table, free: pa.Array, end: int, rng: Generator
) -> Wishes:  # fmt: skip
    """Draw split applications, and as many pairs of applications that only look like them.

    Parameters
    ----------
    count
        How many of each, fewer if there are not enough firms.
    edge
        Ties. A split is shared out among a controller's firms, a controlling firm among them; a
        look-alike among two firms at one address, or two in which one party holds half at most.
    free
        Ids of firms that are open and do not ask for anything else.
    end
        The day after the last.
    """
    wishes, used = Wishes(), set[str]()
    above = _controllers(edge)
    families, pairs = _families(above, set(free.to_pylist())), _look_alikes(edge, above, free)
    for head, firms in _some(families, count, used, rng):
        parts = firms[: 2 + int(rng.integers(0, MOST_PARTS - 1))]
        wishes.groups.append((wishes.ask(parts, end, rng), head))
    for _, firms in _some(pairs, count, used, rng):
        wishes.ask(firms, end, rng)
    return wishes


def _some(
    groups: list[tuple[str, Family]], count: int, used: set[str], rng: Generator
) -> Iterator[tuple[str, Family]]:
    """Yield up to ``count`` of the groups, at random, none with a firm of another."""
    found = 0
    for i in rng.permutation(len(groups)).tolist():
        head, firms = groups[i]
        if found < count and used.isdisjoint([head, *firms]):
            used.update([head, *firms])
            found += 1
            yield head, [firms[k] for k in rng.permutation(len(firms)).tolist()]


def _controllers(edge: pa.Table) -> dict[str, str]:
    """Return who is at the top of the chain of control of each party that has one above it."""
    most = pc.fill_null(pc.greater(edge["share"], HALF), fill_value=False)
    rules = pc.or_(
        pc.equal(edge["kind"], "controls"), pc.and_(pc.equal(edge["kind"], "owns"), most)
    )
    held = edge.filter(rules).sort_by([("dst", "ascending"), ("src", "ascending")])
    above = dict(zip(held["dst"].to_pylist(), held["src"].to_pylist(), strict=True))

    def top(party: str) -> str:
        seen = {party}
        while party in above and above[party] not in seen:
            party = above[party]
            seen.add(party)
        return party

    return {party: top(party) for party in above}


def _families(above: dict[str, str], free: set[str]) -> list[tuple[str, Family]]:
    """Return controllers with at least two firms that may ask, themselves included."""
    found: dict[str, Family] = defaultdict(list)
    for firm, head in sorted(above.items()):
        if firm in free and firm != head:
            found[head].append(firm)
    for head in found:
        found[head] += [head] if head in free else []
    return [(head, firms) for head, firms in sorted(found.items()) if len(firms) > 1]


def _look_alikes(edge: pa.Table, above: dict[str, str], free: pa.Array) -> list[tuple[str, Family]]:
    """Return pairs of firms with a tie that is not control, and nothing else in common."""
    near = edge.filter(pc.equal(edge["kind"], "same_address"))
    pairs = set(zip(near["src"].to_pylist(), near["dst"].to_pylist(), strict=True))
    little = pc.fill_null(pc.less_equal(edge["share"], HALF), fill_value=False)
    part = edge.filter(pc.and_(pc.equal(edge["kind"], "owns"), little))
    held: dict[str, Family] = defaultdict(list)
    for owner, firm in zip(part["src"].to_pylist(), part["dst"].to_pylist(), strict=True):
        held[owner].append(firm)
    pairs |= {(f[0], f[1]) for f in map(sorted, held.values()) if len(f) > 1}
    may = set(free.to_pylist())
    return [
        (one, [one, other])
        for one, other in sorted(pairs)
        if {one, other} <= may and above.get(one, one) != above.get(other, other)
    ]


def split_facts(wishes: Wishes, ids: list[str]) -> list[Fact]:
    """Return what was split; ``ids`` are the projects of the wishes."""
    facts = []
    for entries, head in wishes.groups:
        lead = min(entries, key=lambda i: (wishes.day[i], ids[i]))
        amount = sum(wishes.need[i] for i in entries) * WAN
        detail = {"projects": [ids[i] for i in entries]}
        facts.append(Fact("split_application", ids[lead], head, wishes.day[lead], amount, detail))
    return facts
