"""The chain of a day: who stands where, who could stop many, and what regions depend on."""

import numpy as np
import pyarrow as pa

from liandong.kernels.graphs.rippling import WHOLE
from liandong.step import Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.survey.chain.examine import Place, Stops, place, sole_counts, stop_each
from liandong.survey.chain.needs import Needs, needs_of
from liandong.survey.chain.network import (
    Int,
    Network,
    named,
    numbers,
    part_of,
    ppm,
    read_network,
    sums,
)
from liandong.survey.chain.regions import regions
from liandong.survey.chain.rules import ChainRule

READS = ("invoice", "edge", "party", "event", "input_need")


@fold(
    reads=READS,
    writes=(
        "chain_summary", "chain_node", "chokepoint", "chain_tie", "chain_region", "region_tie",
        "region_input",
    ),
    rule=ChainRule,
    part=("as_of",),
)  # fmt: skip
def chain(tables: Tables, rule: ChainRule) -> Tables:
    """Draw the chain of a day from invoices and recorded ties, and find its chokepoints.

    ``chain_node`` says where each firm stands: its layer and circle, whether the network falls
    apart without it, and over whom all ways lead to the firms that sell to final demand.

    A ``chokepoint`` is a firm whose stop makes others stop within the horizon: their stocks run out
    although others take over what they can (``input_need`` says what is critical, for how many days
    it lasts and which part is replaceable; what nobody described is assumed by the rule). Its
    points are the sum of its reasons; ``chain_tie`` has the ties that make it one.

    ``chain_region``, ``region_tie`` and ``region_input`` say what a region depends on, from where,
    and what is single-source. ``chain_summary`` counts what was read, left out, and assumed.

    Raises
    ------
    DataError
        If all amounts together are more than can be summed safely.
    """
    net = read_network(tables, rule)
    needs = needs_of(net, tables["input_need"], rule)
    where, found = place(net), stop_each(net, needs, rule)
    soles = sole_counts(net, needs, rule)
    chosen = _ranked(net, where, found, soles[1], rule)
    return {
        **_summary(net, needs, where, found, rule),
        **_nodes(net, where, soles, rule),
        **chosen,
        **_ties(net, needs, found, chosen["chokepoint"], rule),
        **regions(net, needs, chosen["chokepoint"]["party_id"], rule),
    }


def _summary(net: Network, needs: Needs, where: Place, found: Stops, rule: ChainRule) -> Tables:
    figures = {
        **net.told,
        "firms": len(net.ids), "ties": len(net.seller),
        "firms_without_industry": int((net.trade.code < 0).sum()),
        "firms_without_region": int((net.place.code < 0).sum()),
        "network_parts": where.parts, "largest_part": where.largest,
        "circles_of_firms": where.circles, "bridges": where.bridges,
        "inputs": len(needs.buyer), "inputs_critical": int(needs.critical.sum()),
        "inputs_single_source": int(needs.sole(rule).sum()),
        "firms_that_stop_others": found.able, "ripple_runs": len(found.firm),
    }  # fmt: skip
    figures = figures if len(net.ids) else {}
    return output(
        "chain_summary", as_of=[rule.as_of] * len(figures), measure=list(figures),
        value=list(figures.values()),
    )  # fmt: skip


def _nodes(net: Network, where: Place, soles: tuple[Int, Int], rule: ChainRule) -> Tables:
    count = len(net.ids)
    return output(
        "chain_node", party_id=net.ids, as_of=pa.repeat(pa.scalar(rule.as_of), count),
        region_id=net.place.column(), industry=net.trade.column(), layer=where.layer,
        circle=where.circle, suppliers=np.bincount(net.buyer, minlength=count),
        buyers=np.bincount(net.seller, minlength=count), bought=net.bought, sold=net.sold,
        sold_final=net.final, sole_inputs=soles[0], sole_buyers=soles[1], cut_off=where.cut_off,
        dominated=where.dominated,
    )  # fmt: skip


def _ranked(net: Network, where: Place, found: Stops, sole_buyers: Int, rule: ChainRule) -> Tables:
    """Return ``chokepoint``: who stops enough others, with points by reason."""
    here = np.flatnonzero(found.others >= rule.stopped)
    firm, others, loss = found.firm[here], found.others[here], found.loss[here]
    sole, cut_off, dominated = sole_buyers[firm], where.cut_off[firm], where.dominated[firm]
    able = _replaceable(net, found)[firm]
    whole = np.full(
        len(firm), max(int((net.sold + net.final).sum()) * rule.horizon // rule.days, 1)
    )
    reasons, points = Reasons(len(firm)), np.zeros(len(firm), np.int64)
    for code, amount, weight in (
        ("chain.stops", others, 20), ("chain.loss", ppm(loss, whole), 10), ("chain.sole", sole, 10),
        ("chain.dominates", dominated, 5), ("chain.cuts", cut_off, 5),
    ):  # fmt: skip
        given = np.rint(weight * np.log2(1.0 + amount)).astype(np.int64)
        reasons.add(_coded(code, amount), given, given > 0)
        points += given
    less = -(points * able // WHOLE // 2)
    reasons.add(_coded("chain.replaceable", able), less, able > 0)
    points += less
    order = np.lexsort((firm, -loss, -points))
    rank = np.empty(len(firm), np.int64)
    rank[order] = np.arange(1, len(firm) + 1)
    return output(
        "chokepoint", party_id=net.ids.take(pa.array(firm)), as_of=[rule.as_of] * len(firm),
        rank=rank, points=points, sole_buyers=sole, replaceable=able.astype(np.int32),
        stopped=others, first_day=found.first_day[here], loss=loss, cut_off=cut_off,
        dominated=dominated, reasons=reasons.column(heaviest_first=True),
    )  # fmt: skip


def _coded(code: str, amount: Int) -> pa.Array:
    """Return a reason's code with its amount: counts as they are, shares in percent."""
    share = code in {"chain.loss", "chain.replaceable"}
    told = [f"{v / 10_000:.2f}%" if share else str(v) for v in amount.tolist()]
    return pa.array([f"{code}({v})" for v in told], pa.string())


def _replaceable(net: Network, found: Stops) -> Int:
    """Return by firm which part of its critical sales others could supply, ppm."""
    s, count = found.supply, len(net.ids)
    seller = np.repeat(np.arange(count), np.diff(s.first))
    weight = np.maximum(s.amount, 1)
    taken = part_of(weight, s.replaceable[s.need] * found.granted[seller] // WHOLE)
    return ppm(sums(seller, taken, count), sums(seller, weight, count))


def _ties(net: Network, needs: Needs, found: Stops, chosen: pa.Table, rule: ChainRule) -> Tables:
    """Return ``chain_tie``: ties of chokepoints that are single-source or stop the buyer alone."""
    evident = needs.sole(rule)
    evident[found.tie[found.stops]] = True
    firm = np.isin(np.arange(len(net.ids)), numbers(chosen["party_id"], net.ids))
    row = np.flatnonzero(evident & firm[net.seller[needs.tie]])
    tie, of = needs.tie[row], needs.of[row]
    return output(
        "chain_tie", party_id=net.ids.take(pa.array(net.seller[tie])),
        as_of=[rule.as_of] * len(row), buyer_id=net.ids.take(pa.array(net.buyer[tie])),
        industry=named(net.trade.names, needs.trade[of]),
        source=pa.array(np.where(net.invoices[tie] > 0, "invoice", "edge")),
        invoices=net.invoices[tie], amount=net.amount[tie],
        share=needs.part[row].astype(np.int32), critical=needs.critical[of],
        stock_days=needs.stock[of] / WHOLE, replaceable=needs.replaceable[of].astype(np.int32),
    )  # fmt: skip
