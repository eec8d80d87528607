"""Who stops, on which day and for want of what, if one firm stops."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import NotFoundError
from liandong.kernels.graphs.rippling import Room, Supply, clear, room, spread
from liandong.step import Tables, fold, output
from liandong.survey.chain.chain import READS
from liandong.survey.chain.examine import daily
from liandong.survey.chain.needs import needs_of, supply_of
from liandong.survey.chain.network import Int, Network, named, numbers, read_network
from liandong.survey.chain.rules import RippleRule
from liandong.texts import both


@fold(reads=(*READS, "chokepoint"), writes=("ripple",), rule=RippleRule, part=("as_of",))
def ripple(tables: Tables, rule: RippleRule) -> Tables:
    """Let firms stop, each alone, and tell who stops after them.

    A row is a firm that stops: the day on which a stock did not suffice, the input that ran out,
    the largest of its suppliers that had stopped by then, and the sales it loses up to the horizon.
    Without ``firms`` the first chokepoints of the day are taken.

    Raises
    ------
    NotFoundError
        If a firm of the rule has no ties on the day.
    DataError
        If all amounts together are more than can be summed safely.
    """
    net = read_network(tables, rule)
    needs = needs_of(net, tables["input_need"], rule)
    supply, _ = supply_of(net, needs, rule)
    r, sales = room(supply), daily(net, rule)
    rows = [
        _run(supply, r, int(start), sales, rule) for start in np.unique(_starts(net, tables, rule))
    ]
    start, firm, day, need, cause, loss = np.concatenate(
        [np.zeros((6, 0), np.int64), *rows], axis=1
    )
    trade = supply.trade[need]
    return output(
        "ripple", party_id=named(net.ids, start), as_of=[rule.as_of] * len(firm),
        stopped_id=named(net.ids, firm), day=day, cause_id=named(net.ids, cause),
        industry=named(net.trade.names, trade), loss=loss,
    )  # fmt: skip


def _starts(net: Network, tables: Tables, rule: RippleRule) -> Int:
    if not rule.firms:
        found = tables["chokepoint"]
        today = found.filter(pc.equal(found["as_of"], pa.scalar(rule.as_of)))
        first = today.sort_by("rank")["party_id"].slice(0, rule.most)
        at = numbers(first, net.ids)
        return at[at >= 0]  # chokepoints of another rule may have no ties by this one
    at = numbers(pa.array(rule.firms, pa.string()), net.ids)
    if (at < 0).any():
        name = rule.firms[int(np.argmin(at))]
        remedy = both("advice.no_ties", day=rule.as_of, days=rule.days)
        raise NotFoundError(kind=both("kind.chain_firm"), name=name, remedy=remedy)
    return at


def _run(supply: Supply, r: Room, start: int, sales: Int, rule: RippleRule) -> Int:
    """Return one run, of shape (6, firms): start, firm, day, need, cause, loss."""
    stopped, touched = spread(supply, r, start, int(rule.resupply), rule.horizon)
    firm = np.sort(r.stopped[1:stopped])
    day, need = r.day[firm], r.why[firm]
    cause = _causes(supply, r, np.sort(r.stopped[:stopped]), firm)
    loss = sales[firm] * (rule.horizon - day)
    found = np.stack([np.full(len(firm), start), firm, day, need, cause, loss])
    clear(r, stopped, touched)
    return found


def _causes(supply: Supply, r: Room, stopped: Int, firm: Int) -> Int:
    """Return the largest supplier, of what ran out, that had stopped by the day of each firm."""
    ties = np.concatenate([np.arange(*supply.first[v : v + 2]) for v in stopped])
    seller = np.repeat(stopped, np.diff(supply.first)[stopped])
    buyer = supply.buyer[supply.need[ties]]
    right = (r.why[buyer] == supply.need[ties]) & (r.day[seller] <= r.day[buyer])
    ties, seller, buyer = ties[right], seller[right], buyer[right]
    order = np.lexsort((seller, -supply.part[ties], buyer))
    return np.asarray(seller[order[np.searchsorted(buyer[order], firm)]], np.int64)
