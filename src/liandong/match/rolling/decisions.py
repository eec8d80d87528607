"""Deciding arrivals at once, in the order of time, at the prices in force."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.allocation.pacing import NONE, TOP, Posted
from liandong.match.allocation.pool import FINE
from liandong.match.core.problem import Prices, check
from liandong.match.rolling.opened import Opened, version
from liandong.match.rolling.rules import RollingRule
from liandong.step import Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.texts import both
from liandong.types import YUAN

Int = NDArray[np.int64]


@fold(
    reads=("quote", "product", "project", "bid_price", "decision", "volume_forecast"),
    writes=("decision", "repricing"),
    rule=RollingRule,
    part=("as_of",),
    needs={"quote": "match.quote", "bid_price": "match.bid_prices"},
)
def decide(tables: Tables, rule: RollingRule) -> Tables:
    """Decide the projects of the day one by one, as if each were answered when it came.

    Each gets the product that is worth most beyond the price of what it uses up, of those that
    have money left and that leave every floor within reach; or none, with the reasons. Prices
    follow the plan between versions; once use is off it by more than ``drift``, they are made anew
    from what is left and who is still open, and the version is kept in ``repricing``. Reasons hold
    the three highest reduced values, in ppm.

    Projects come in the order of the day on which they asked, those of one day in the order of
    their salted hash.

    Raises
    ------
    DataError
        If nothing was quoted on ``as_of``, or the posted prices are not of this state: other
        quotes, other decisions or another rule.
    InvariantError
        If a product were overdrawn by a single fen.
    """
    opened = Opened.of(tables, rule)
    order = _order(opened, tables["project"])
    made, used = [_posted(opened, tables["bid_price"], rule)], np.zeros(len(order), np.int64)
    done, still = 0, np.ones(len(order), bool)
    ahead = made[0].ahead
    while done < len(order):
        count = opened.round.run(order[done:], made[-1], ahead)
        now = order[done : done + count]
        used[now], still[now] = len(made) - 1, False
        done += count
        if done < len(order):
            made.append(opened.post(still))
            ahead = made[-1].ahead
    _must_be_covered(opened, made[0])
    return {
        **_decisions(opened, order, used, rule),
        **opened.rows("repricing", made[1:], 1, rule),
    }


def _order(opened: Opened, projects: pa.Table) -> Int:
    """Return the numbers of the projects by the day they asked; unknown days come last."""
    quotes = opened.pool.quotes
    first = np.flatnonzero(np.diff(opened.pool.project, prepend=-1))
    at = pc.index_in(quotes["project_id"].take(pa.array(first)),
                     value_set=projects["project_id"].combine_chunks())  # fmt: skip
    asked = projects["asked_on"].take(at).cast(pa.int32()).cast(pa.int64())
    return np.argsort(pc.fill_null(asked, np.iinfo(np.int64).max).to_numpy(), kind="stable")


def _posted(opened: Opened, bid_price: pa.Table, rule: RollingRule) -> Posted:
    """Return the posted prices of the day, if they are of this state."""
    mine = bid_price.filter(pc.equal(bid_price["version"], version(rule, 0)))
    at = pc.index_in(pa.array(opened.limits, pa.string()),
                     value_set=mine["limit_id"].combine_chunks())  # fmt: skip
    left = np.concatenate(opened.round.left)
    rows = mine.take(at)
    if at.null_count or not np.array_equal(rows["left"].to_numpy(), left):
        what = both("fault.prices_stale", day=rule.as_of)
        raise DataError(file="bid_price", what=what, remedy=both("advice.post_again"))
    price, reserve, doubt = (rows[name].to_numpy() for name in ("price", "reserve", "doubt"))
    m = len(opened.pool.problem.capacity)
    ahead = int(rows["ahead"][0].as_py())
    return opened.round.posted(Prices(price[:m], price[m:]), reserve[m:], doubt[m:], ahead)


def _must_be_covered(opened: Opened, first: Posted) -> None:
    given = np.flatnonzero(opened.round.arc != NONE)
    arc = opened.round.arc[given]
    problem = replace(opened.pool.problem, capacity=first.left, sides=())
    check(problem, arc, opened.round.amount[given])


def _decisions(opened: Opened, order: Int, used: Int, rule: RollingRule) -> Tables:
    today, done = opened.pool, opened.round
    row = np.append(today.row, 0)
    first = np.flatnonzero(np.diff(today.project, prepend=-1))
    quotes = today.quotes
    seq = np.empty(len(order), np.int64)
    seq[order] = np.arange(len(order)) + 1
    taken = done.arc != NONE
    chosen = row[np.where(taken, done.arc, len(row) - 1)]
    none = pa.array(np.where(taken, chosen, 0), mask=~taken)
    return output(
        "decision",
        project_id=quotes["project_id"].take(pa.array(first)),
        as_of=[rule.as_of] * len(order),
        seq=seq,
        party_id=quotes["party_id"].take(pa.array(first)),
        product_id=quotes["product_id"].take(none),
        asked=done.asked,
        amount=done.amount,
        rate=quotes["rate"].take(none),
        version=[version(rule, int(v)) for v in used],
        reduced=pa.array(done.worth[:, 0], mask=done.best[:, 0] == NONE),
        reasons=_reasons(opened, quotes["product_id"].combine_chunks(), row),
    )


def _reasons(opened: Opened, product: pa.Array, row: Int) -> pa.Array:
    """Return the three highest reduced values, and what came of them."""
    done = opened.round
    best, worth, asked = done.best, done.worth, done.asked
    reasons = Reasons(len(done.arc))
    taken, some = done.arc != NONE, best[:, 0] != NONE
    reasons.add("match.rolling_taken", done.amount // YUAN, taken)
    reasons.add("match.partial", asked // YUAN, taken & (done.amount < asked))
    reasons.add("match.rolling_dear", worth[:, 0] // FINE, ~taken & some & (worth[:, 0] <= 0))
    reasons.add("match.rolling_full", worth[:, 0] // FINE, ~taken & some & (worth[:, 0] > 0))
    reasons.add("match.rolling_none", 0, ~some)
    named = pc.binary_join_element_wise("match.rolling_worth(", product, ")", "")
    for place in range(TOP):
        here = best[:, place] != NONE
        at = pa.array(row[np.where(here, best[:, place], len(row) - 1)])
        reasons.add(named.take(at), worth[:, place] // FINE, here)
    return reasons.column()
