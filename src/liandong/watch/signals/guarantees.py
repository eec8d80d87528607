"""G1: firms that guarantee each other, so that one default may bring down all of them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.kernels.graphs.guaranteed import in_chains, within_hops
from liandong.watch.signals.facts import Bool, Int, Known, Verdict
from liandong.watch.signals.rules import GuaranteesRule

ASSETS, LIABILITIES = "statement_assets", "statement_liabilities"


def guarantees(known: Known, rule: GuaranteesRule) -> Verdict:
    """Judge G1: what firms of a chain guarantee against net assets, and defaults close to them.

    A firm is in a chain if it is in a strong component of the graph of guarantees with others, or
    in its 2-core: then guarantees lead back to it, or close a circle around it.
    """
    guarantor, debtor, amount = _ties(known, rule)
    chain = in_chains(guarantor, debtor, known.count)
    given = np.zeros(known.count, np.int64)
    np.add.at(given, guarantor, amount)
    failed = known.ever("default")
    near = within_hops(guarantor, debtor, failed, known.count, rule.hops) & chain
    net, told = _net_assets(known)
    judged = chain & told
    # Whatever is guaranteed on nothing is beyond every multiple of it.
    share = np.divide(given, net, where=net > 0, out=np.where(given > 0, np.inf, 0.0))
    said = Verdict(known, "G1", rule)
    said.grade(share, judged)
    said.value[np.isinf(said.value)] = np.nan
    said.lift("red", near)
    said.say("watch.guarantee_chain", np.where(judged & (net > 0), share, 0) * 100, judged)
    said.say("watch.guarantee_default", rule.hops, near)
    said.evidence = {"guaranteed": given, "net_assets": net}
    return said


def _ties(known: Known, rule: GuaranteesRule) -> tuple[Int, Int, Int]:
    """Return guarantor, debtor and amount of the guarantees in force among those that tie."""
    edge = known.facts.tables["edge"]
    edge = edge.filter(pc.equal(edge["kind"], "guarantees"))
    begin, end = (edge[n].cast(pa.int32()) for n in ("valid_from", "valid_to"))
    held = (begin.to_numpy() <= known.number) & (
        pc.fill_null(end, 2**31 - 1).to_numpy() >= known.number
    )
    src, dst = known.facts.places(edge["src"]), known.facts.places(edge["dst"])
    tie = pc.is_in(known.facts.party["kind"], value_set=pa.array(rule.kinds, pa.string()))
    ties = np.append(tie.to_numpy(), False)
    held &= ties[src] & ties[dst] & (src != dst)
    return src[held], dst[held], pc.fill_null(edge["weight"], 0).to_numpy()[held]


def _net_assets(known: Known) -> tuple[Int, Bool]:
    """Return assets less liabilities of the latest statement, and whose statement has both."""
    found, value, day = known.events("registry"), [], []
    for tag in (ASSETS, LIABILITIES):
        mine = found.tagged([tag])
        amount, at = np.zeros((2, known.count), np.int64)
        # Events are in order of time: the last one of a party counts.
        amount[mine.subject], at[mine.subject] = mine.amount, mine.day
        value.append(amount)
        day.append(at)
    return value[0] - value[1], (day[0] > 0) & (day[0] == day[1])
