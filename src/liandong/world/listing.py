"""Negative lists: some firms of the world under their names or nearly so, and many of nowhere."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Ints, choose, dates, numbered, pick
from liandong.world.firms import Firms
from liandong.world.months import Months
from liandong.world.names import BRAND, firm_names
from liandong.world.plan import Plan
from liandong.world.regions import MAINLAND
from liandong.world.truth import Fact

LISTS = ("dishonest_debtors", "procurement_bans")
BASES = ("失信被执行人", "政府采购严重违法失信行为")
WAYS = ("as_it_is", "one_changed", "swapped", "english", "code_alone")
"""How a listed firm is written: unchanged, with one character of its brand changed, with both
swapped, in English with its first two words turned, or under another name with its own code."""
STRANGERS = 20
"""Entries that mean nobody in the world, for each that does."""


class Listing(NamedTuple):
    """Rows of ``watchlist``, and which of them mean whom."""

    table: pa.Table
    facts: list[Fact]


def draw_listing(
    count: int, firms: Firms, plan: Plan, party: pa.Table, months: Months, rng: Generator
) -> Listing:
    """Draw negative lists.

    Parameters
    ----------
    count
        How many firms without a hidden part are listed.
    party
        Rows of ``party``, the firms first.
    """
    listed = choose(rng, plan.helpers, count)
    rows = party.take(pa.array(listed)).select(["party_id", "name", "name_en", "credit_code"])
    strangers = _strangers(count * STRANGERS, firms, rng)
    way = np.arange(len(listed)) % len(WAYS)
    names = [_written(r, WAYS[w], s, rng)
             for r, w, s in zip(rows.to_pylist(), way, strangers, strict=False)]  # fmt: skip
    codes = [r["credit_code"] if WAYS[w] == "code_alone" else None
             for r, w in zip(rows.to_pylist(), way, strict=True)]  # fmt: skip
    others = strangers[len(listed) :]
    total = len(names) + len(others)
    order, ids = rng.permutation(total), numbered("W", np.arange(1, total + 1), 5)
    day = rng.integers(months.first[0], months.end - 30, total)
    table = _rows(ids, pa.array(names + others), pa.array(codes + [None] * len(others)), day)
    entry = ids.to_pylist()
    facts = [
        Fact("listed_party", r["party_id"], entry[i], int(day[i]), None, {"way": WAYS[w]})
        for i, (r, w) in enumerate(zip(rows.to_pylist(), way, strict=True))
    ]
    return Listing(table.take(pa.array(order)).combine_chunks(), facts)


def _rows(ids: pa.Array, names: pa.Array, codes: pa.Array, day: Ints) -> pa.Table:
    which = np.arange(len(ids)) % len(LISTS)
    return build("watchlist", {
        "list_id": pick(LISTS, which), "entry_id": ids, "name": names,
        "kind": ["firm"] * len(ids), "credit_code": codes.cast(pa.string()),
        "basis": pick(BASES, which), "source": ["world"] * len(ids), "valid_from": dates(day),
    })  # fmt: skip


def _strangers(count: int, firms: Firms, rng: Generator) -> list[str]:
    region = rng.integers(0, len(MAINLAND), count)
    like = rng.integers(0, len(firms), count)
    names = firm_names(MAINLAND, region, firms.industry[like], firms.size[like] == 3, rng)
    found: list[str] = names.zh.to_pylist()
    return found


def _written(row: dict[str, str], way: str, stranger: str, rng: Generator) -> str:
    """Write a firm's name in one way."""
    name, at = row["name"], _brand(row["name"])
    if way == "one_changed":
        other = rng.choice([c for c in BRAND.han if c not in name])
        return name[: at + 1] + str(other) + name[at + 2 :]
    if way == "swapped":
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if way == "english":
        first, second, *rest = row["name_en"].split()
        return " ".join([second, first, *rest])
    return stranger if way == "code_alone" else name


def _brand(name: str) -> int:
    """Return where the brand begins: after the place."""
    return next(len(p.short) for p in MAINLAND if name.startswith(p.short))
