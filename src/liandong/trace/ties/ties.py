"""The least and the most of a loan in each place, over the orders of transfers of one moment."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from liandong.step import Rule, Tables, fold, output
from liandong.trace.follow import FollowRule, Method, follow, which_followed
from liandong.trace.log import Log, gives_back, read_log, up_to
from liandong.trace.ties.arrangements import Arrangements, Knot, arrangements, without_rings
from liandong.trace.ties.entangled import entangled, moments_of, reached

Int = NDArray[np.int64]
Place = tuple[str, str, str]


class TiesRule(Rule):
    """Which loans are followed, by what rule, until when, and through how many orders.

    Attributes
    ----------
    method
        Which money leaves an account first, see ``trace.follow``.
    loans
        Ids of loans; none means all.
    until
        Last day (UTC) whose transfers count; None means all.
    window_days
        Days of a window of ``tiho``; 0 takes all transfers as one.
    most
        Orders to be tried at most. Where there are more, some are drawn, and the table says so.
    seed
        What the draw begins with.
    """

    method: Method = "fifo"
    loans: tuple[str, ...] = ()
    until: date | None = None
    window_days: int = Field(default=0, ge=0)
    most: int = Field(default=240, ge=2)
    seed: int = Field(default=1, ge=0)


@fold(
    reads=("flow", "bank_account", "loan"),
    writes=("tie_range",),
    rule=TiesRule,
    part=("method",),
)
def ties(tables: Tables, rule: TiesRule) -> Tables:
    """Follow loans through every order of the transfers that have the same time and number.

    Where a bank tells only the day, or two transfers have one time stamp, an id decides what
    ``trace.follow`` takes first, and an id is no reason. Here transfers of one moment that are of
    one account stand in every order in turn, but nothing is given back before it was paid.
    ``tie_range`` has the least and the most of each loan in each place: where the two are the same,
    the order of ids does not matter.

    With more than ``most`` orders, ``complete`` is false and the range is that of the orders tried:
    the true one may be wider. ``trace.bounds`` has limits that hold whatever the order.

    Raises
    ------
    NotFoundError
        If the rule names a loan that is neither in ``loan`` nor in ``flow``.
    DataError
        If all amounts together are more than can be summed safely.
    """
    flow = up_to(tables["flow"], rule.until)
    log = read_log(flow, tables["bank_account"])
    moment = moments_of(flow, log)
    followed = which_followed(rule.loans, log.loans, tables)
    near = np.any(reached(moment, log, followed)[log.legs[2:]], axis=0, keepdims=True)[0]
    knots = _knots(flow, log, np.where(near, entangled(moment, log), -1))
    found = arrangements(knots, rule.most, rule.seed)
    asked = FollowRule(method=rule.method, window_days=rule.window_days, lots=False)
    told = {*log.loans.filter(pa.array(followed)).to_pylist()}
    kept = np.sort(log.row[near])  # what no loan ever comes near changes nothing
    flow = flow.take(kept)
    amounts = defaultdict[Place, list[int]](list)
    for order in _in_turn(knots, found, len(near)):
        seq = np.empty(len(near), np.int64)
        seq[log.row[order]] = np.arange(len(near))
        again = _renumbered(flow, seq[kept])
        held = follow(again, tables["bank_account"], tables["loan"], rule=asked)["holding"]
        for row in held.to_pylist():
            if row["loan_id"] in told:
                amounts[row["loan_id"], row["place"], row["kind"]].append(row["amount"])
    return _table(rule.method, amounts, found)


def _knots(flow: pa.Table, log: Log, first: Int) -> list[Knot]:
    """Return what is entangled, in order of time."""
    members = defaultdict[int, list[int]](list)
    for i in np.flatnonzero(first >= 0).tolist():
        members[int(first[i])].append(i)
    named = {*flow["ref"].drop_null().to_pylist()}
    return [_knot(flow, log, places, named) for _, places in sorted(members.items())]


def _knot(flow: pa.Table, log: Log, places: list[int], named: set[str]) -> Knot:
    rows = flow.take(log.row[places])
    alike = rows.drop_columns("flow_id").to_pylist()
    ids = rows["flow_id"].to_pylist()
    keys = [i if i in named else tuple(r.values()) for i, r in zip(ids, alike, strict=True)]
    number = {i: k for k, i in enumerate(ids)}
    back = gives_back(rows).to_pylist()
    after = [number.get(r["ref"], -1) if b else -1 for r, b in zip(alike, back, strict=True)]
    src, dst = log.legs[:2, places]
    turned = [k >= 0 and (src[n], dst[n]) == (dst[k], src[k]) for n, k in enumerate(after)]
    after = [k if t else -1 for k, t in zip(after, turned, strict=True)]
    return Knot(tuple(places), tuple(keys), without_rings(after))


def _in_turn(knots: list[Knot], found: Arrangements, count: int) -> Iterator[Int]:
    """Give the places of the log in each order."""
    for chosen in found.orders:
        order = np.arange(count)
        for knot, changed in zip(knots, chosen, strict=True):
            places = np.array(knot.places)
            order[places] = places[list(changed)]
        yield order


def _renumbered(flow: pa.Table, seq: Int) -> pa.Table:
    at = flow.schema.get_field_index("seq")
    return flow.set_column(at, flow.schema.field(at), pa.array(seq))


def _table(method: str, amounts: dict[Place, list[int]], found: Arrangements) -> Tables:
    places, tried = sorted(amounts), len(found.orders)
    loan, place, kind = ([p[k] for p in places] for k in range(3))
    # Where an order puts nothing, it tells nothing.
    least = [min(amounts[p]) if len(amounts[p]) == tried else 0 for p in places]
    return output(
        "tie_range",
        method=[method] * len(places), loan_id=loan, place=place, kind=kind,
        least=least, most=[max(amounts[p]) for p in places],
        orders=[tried] * len(places), complete=[found.complete] * len(places),
    )  # fmt: skip
