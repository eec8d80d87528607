"""What each region depends on, from where, and what of it has a single source."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.kernels.graphs.rippling import WHOLE
from liandong.step import Tables, output
from liandong.survey.chain.needs import Needs
from liandong.survey.chain.network import Int, Network, named, numbers, ppm, sums
from liandong.survey.chain.rules import ChainRule


def regions(net: Network, needs: Needs, chokepoints: pa.ChunkedArray, rule: ChainRule) -> Tables:
    """Return ``chain_region``, ``region_tie`` and ``region_input``.

    Firms without a region are in none of them.
    """
    count = len(net.place.names)
    to, source = net.place.code[net.buyer], net.place.code[net.seller]
    known = (to >= 0) & (source >= 0)
    sole = np.zeros(len(net.seller), np.int64)
    sole[needs.tie] = needs.sole(rule)
    bought, alone = (
        sums(np.where(known, to * count + source, -1), v, count * count).reshape(count, count)
        for v in (net.amount, sole)
    )
    return {
        **_summed(net, bought, alone, numbers(chokepoints, net.ids), rule),
        **_matrix(net, bought, alone, rule),
        **_inputs(net, needs, rule),
    }


def _summed(net: Network, bought: Int, alone: Int, chokepoints: Int, rule: ChainRule) -> Tables:
    at = np.arange(len(bought))
    outside = bought - np.diag(np.diagonal(bought))
    purchases, sales = bought.sum(axis=1), bought.sum(axis=0)
    source, goal = _largest(outside), _largest(outside.T)
    spread = ((bought / np.maximum(purchases, 1)[:, None]) ** 2).sum(axis=1)
    return output(
        "chain_region", region_id=net.place.names, as_of=[rule.as_of] * len(at),
        firms=_number(net.place.code, len(at)), bought=purchases, sold=sales,
        own=_share(bought[at, at], purchases, purchases > 0),
        from_region=named(net.place.names, source),
        from_share=_share(outside[at, source], purchases, source >= 0),
        to_region=named(net.place.names, goal),
        to_share=_share(outside[goal, at], sales, goal >= 0),
        hhi=_rates(np.rint(spread * WHOLE), purchases > 0), sole_inputs=alone.sum(axis=1),
        chokepoints=_number(net.place.code[chokepoints], len(at)),
    )  # fmt: skip


def _largest(amounts: Int) -> Int:
    """Return the column of the most of each row, the first of equals; -1 where there is nothing."""
    if not len(amounts):
        return np.zeros(0, np.int64)
    return np.where(amounts.max(axis=1) > 0, amounts.argmax(axis=1), -1)


def _number(code: Int, count: int) -> Int:
    return np.bincount(code[code >= 0], minlength=count)


def _rates(value: NDArray[np.float64] | Int, there: NDArray[np.bool_]) -> pa.Array:
    return pa.array(value.astype(np.int32), mask=~there)


def _share(part: Int, whole: Int, there: NDArray[np.bool_]) -> pa.Array:
    return _rates(ppm(part, whole), there)


def _matrix(net: Network, bought: Int, alone: Int, rule: ChainRule) -> Tables:
    to, source = np.nonzero(bought)
    amount = bought[to, source]
    return output(
        "region_tie", region_id=named(net.place.names, to), other_id=named(net.place.names, source),
        as_of=[rule.as_of] * len(to), amount=amount,
        share=ppm(amount, bought.sum(axis=1)[to]).astype(np.int32),
        other_share=ppm(amount, bought.sum(axis=0)[source]).astype(np.int32),
        sole_inputs=alone[to, source],
    )  # fmt: skip


def _inputs(net: Network, needs: Needs, rule: ChainRule) -> Tables:
    """Return ``region_input``: each industry that a region buys of, and from whom."""
    trades, places = max(len(net.trade.names), 1), len(net.place.names) + 1
    here = net.place.code[net.buyer[needs.tie]] >= 0
    tie, sole = needs.tie[here], needs.sole(rule)[here].astype(np.int64)
    seller, amount = net.seller[tie], net.amount[tie]
    to = net.place.code[net.buyer[tie]]
    cell, of = np.unique(to * trades + net.trade.code[seller], return_inverse=True)
    firm = _sources(of, seller, amount, len(net.ids), len(cell))
    # The last place of all stands for those that are not known.
    place = _sources(of, net.place.code[seller] % places, amount, places, len(cell))
    where = np.where(place.best == places - 1, -1, place.best)
    region, some = cell // trades, firm.total > 0
    purchases = sums(net.place.code[net.buyer], net.amount, places)
    return output(
        "region_input", region_id=named(net.place.names, region),
        industry=named(net.trade.names, cell % trades), as_of=[rule.as_of] * len(cell),
        amount=firm.total, share=ppm(firm.total, purchases[region]).astype(np.int32),
        suppliers=firm.members, hhi=_rates(np.rint(firm.hhi * WHOLE), some),
        supplier_id=net.ids.take(pa.array(firm.best)),
        supplier_share=_share(firm.most, firm.total, some),
        from_region=named(net.place.names, where),
        from_share=_share(place.most, firm.total, some & (where >= 0)),
        sole_buyers=sums(of, sole, len(cell)),
    )  # fmt: skip


class _Sources(NamedTuple):
    """Of each cell: what it gets, from how many, from whom most, how much that is, and the HHI."""

    total: Int
    members: Int
    best: Int
    most: Int
    hhi: NDArray[np.float64]


def _sources(of: Int, source: Int, amount: Int, width: int, cells: int) -> _Sources:
    pair, at = np.unique(of * width + source, return_inverse=True)
    got, cell, source = sums(at, amount, len(pair)), pair // width, pair % width
    total = sums(cell, got, cells)
    order = np.lexsort((source, -got, cell))
    first = order[np.searchsorted(cell[order], np.arange(cells))]
    squares = (got / np.maximum(total, 1)[cell]) ** 2
    return _Sources(
        total, np.bincount(cell, minlength=cells), source[first], got[first],
        np.asarray(np.bincount(cell, squares, cells), np.float64),
    )  # fmt: skip
