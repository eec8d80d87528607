"""Who would rather have whom: the lists of projects and of products, without equals."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.step import Tables
from liandong.texts import both
from liandong.types import PPM, stable_id

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

LAST = np.iinfo(np.int64).max
"""The rank of whom a list does not name."""


class Lists(NamedTuple):
    """Pairs that both sides accept, and their places on the lists of both.

    Attributes
    ----------
    project, product
        Ids by number, in order.
    one, other
        Shape (pairs,): numbers of the project and of the product.
    row
        Shape (pairs,): row of the quote.
    rank, by
        Shape (pairs,): place on the list of the project and of the product, from 1, no equals.
    limit
        Shape (pairs,): the most that the product would lend, fen.
    told
        Shape (projects,): whether the project gave a list of its own.
    """

    project: pa.Array
    product: pa.Array
    one: Int
    other: Int
    row: Int
    rank: Int
    by: Int
    limit: Int
    told: Bool


def lists(quotes: pa.Table, tables: Tables, salt: str) -> Lists:
    """Return the lists of both sides.

    Parameters
    ----------
    quotes
        Of the day.
    tables
        ``product``, ``score`` (of the day) and ``preference``.
    salt
        Equals stand in the order of a hash of this and their ids: one order for all lists.

    Notes
    -----
    Unless it says otherwise, a project ranks the products that it may have by what it pays (the
    rate less the subsidy), then by the amount; a product ranks projects by expected value, then by
    the probability of default. Whoever says otherwise is taken at his word: whom his list does not
    name he does not accept. The hard rules stay: nobody's wish makes a pair eligible.

    Raises
    ------
    DataError
        If a preference or an eligible quote names somebody who is not there.
    """
    projects = pc.unique(quotes["project_id"]).sort()
    products = tables["product"]["product_id"].combine_chunks().sort()
    wished = tables["preference"]
    _must_know(wished, quotes["project_id"], products)
    may = quotes["eligible"].to_numpy()
    one = _numbers(quotes["project_id"], projects)
    other = _numbers(quotes["product_id"], products)
    if (other[may] < 0).any():
        raise _unknown("quote", quotes["product_id"].filter(pa.array(may & (other < 0)))[0].as_py())
    place = {"project": _order(salt, projects), "product": _order(salt, products)}
    mine, told = _wishes(wished, "project", (projects, products), one, other)
    theirs, by_list = _wishes(wished, "product", (products, projects), other, one)
    row = np.flatnonzero(may & (mine < LAST) & (theirs < LAST))
    one, other = one[row], other[row]
    limit, rate, subsidy, value = (
        pc.fill_null(quotes[c].cast(pa.int64()), 0).to_numpy()[row]
        for c in ("limit", "rate", "subsidy", "value_rate")
    )
    usual_one = np.where(told[one], 0, rate - subsidy), np.where(told[one], 0, -limit)
    usual_other = (
        np.where(by_list[other], 0, -_times(limit, value)),
        np.where(by_list[other], 0, _risk(quotes, tables["score"])[row]),
    )
    return Lists(
        projects, products, one, other, row,
        _ranks(one, place["product"][other], *usual_one[::-1], mine[row]),
        _ranks(other, place["project"][one], *usual_other[::-1], theirs[row]),
        limit, told,
    )  # fmt: skip


def _must_know(wished: pa.Table, projects: pa.ChunkedArray, products: pa.Array) -> None:
    """Refuse preferences of or for somebody whom no quote and no product names."""
    for side, known in (("project", projects), ("product", products)):
        mine = pc.equal(wished["side"], side)
        named = pc.if_else(mine, wished["who"], wished["whom"])
        lost = named.filter(pc.invert(pc.is_in(named, value_set=pc.unique(known))))
        if len(lost):
            raise _unknown("preference", lost.sort()[0].as_py())


def _unknown(file: str, name: str) -> DataError:
    remedy = both("advice.mend_preference")
    return DataError(file=file, what=both("fault.preference_unknown", name=name), remedy=remedy)


def _numbers(ids: pa.ChunkedArray, known: pa.Array) -> Int:
    """Return the number of each id, -1 where it is not known."""
    found = pc.fill_null(pc.index_in(ids, value_set=known), -1)
    return np.asarray(found.to_numpy(), np.int64)


def _order(salt: str, ids: pa.Array) -> Int:
    """Return the place of each id in the order of its salted hash."""
    hashed = [stable_id(salt, i) for i in ids.to_pylist()]
    place = np.empty(len(ids), np.int64)
    place[np.argsort(np.array(hashed, "S32"), kind="stable")] = np.arange(len(ids))
    return place


def _wishes(
    wished: pa.Table, side: str, known: tuple[pa.Array, pa.Array], who: Int, whom: Int
) -> tuple[Int, Bool]:
    """Return the wished rank of each pair (0 without a list, LAST if not named), and who has one.

    ``known`` are the ids of this side and of the other.
    """
    own = wished.filter(pc.equal(wished["side"], side))
    name, named = (_numbers(own[c], k) for c, k in zip(("who", "whom"), known, strict=True))
    has = np.zeros(len(known[0]), bool)
    has[name[name >= 0]] = True
    width = len(known[1]) + 1
    key = name * width + named
    order = np.argsort(key)
    pair = who * width + whom
    at = np.searchsorted(key[order], pair)
    hit = at < len(key)
    hit[hit] = key[order][at[hit]] == pair[hit]
    rank = np.where(has[who], LAST, 0)
    rank[hit] = own["rank"].to_numpy()[order][at[hit]]
    return rank, has


def _times(limit: Int, value: Int) -> Int:
    """Return the expected profit of a limit, fen, rounded down."""
    return limit // PPM * value + limit % PPM * value // PPM


def _risk(quotes: pa.Table, score: pa.Table) -> Int:
    """Return the probability of default of each quote's party, the worst if there are several."""
    worst = score.group_by("party_id", use_threads=False).aggregate([("pd", "max")])
    at = pc.index_in(quotes["party_id"], value_set=worst["party_id"].combine_chunks())
    return np.asarray(pc.fill_null(worst["pd_max"].take(at).cast(pa.int64()), PPM).to_numpy())


def _ranks(who: Int, *keys: Int) -> Int:
    """Return each pair's place, from 1, on the list of ``who``; the last key counts most."""
    order = np.lexsort((*keys, who))
    first = np.flatnonzero(np.diff(who[order], prepend=-1))
    length = np.diff(np.append(first, len(who)))
    rank = np.empty(len(who), np.int64)
    rank[order] = np.arange(len(who)) - np.repeat(first, length) + 1
    return rank
