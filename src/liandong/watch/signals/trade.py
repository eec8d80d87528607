"""T2 and C1: what a firm invoices, to whom, and who pays it."""

import numpy as np

from liandong.kernels.statistics.blocks import median_of_last
from liandong.schema.tables.warnings import LEVELS
from liandong.watch.signals.facts import Bool, Events, Float, Int, Known, Verdict, ratio
from liandong.watch.signals.rules import CustomersRule, InvoiceChangeRule

YEAR = 365


def in_blocks(firm: Int, block: Int, net: Int, firms: int, blocks: int) -> tuple[Int, Int]:
    """Return amounts by firm and block, and how many whole blocks before the latest each has.

    Parameters
    ----------
    firm, block, net
        Whose amount it is, how many blocks ago (0: the latest), and the amount.
    firms, blocks
        How many firms there are, and how many blocks before the latest one count.

    Returns
    -------
    tuple
        Shape (firms, blocks + 1), oldest block first; and shape (firms,).
    """
    recent = block <= blocks
    found = np.zeros((firms, blocks + 1), np.int64)
    np.add.at(found, (firm[recent], blocks - block[recent]), net[recent])
    first = np.zeros(firms, np.int64)
    np.maximum.at(first, firm, block)
    # The block of the first invoice may have begun before the firm did, so it is not whole.
    return found, np.clip(first - 1, 0, blocks)


def invoice_change(known: Known, rule: InvoiceChangeRule) -> Verdict:
    """Judge T2: the latest block of invoices, those that were cancelled, and the buyers."""
    every = known.events("invoice")
    counted = every.tagged(["valid", "red"])
    block = (known.number - counted.day) // rule.block_days
    net, have = in_blocks(counted.subject, block, counted.amount, known.count, rule.blocks)
    usual = median_of_last(net[:, :-1], have)
    count, _ = in_blocks(counted.subject, block, np.ones_like(block), known.count, rule.blocks)
    often = median_of_last(count[:, :-1], have) >= rule.usual_least
    share = ratio(net[:, -1], usual, (have >= rule.min_blocks) & often)
    cancelled, issued = _cancelled(known, rule)
    rise = _rise(known, rule, counted)
    said = Verdict(known, "T2", rule)
    said.grade(share, ~np.isnan(share))
    odd = np.zeros(known.count, np.int64)
    many = (issued >= rule.least) & (cancelled > int(rule.cancelled) / 1e6)
    jumped = rise >= int(rule.concentration) / 1e6
    odd += (said.level > 0).astype(np.int64) + many + jumped
    # Each of the three is yellow; two of them together are orange, and all three red.
    for number, level in enumerate(LEVELS, 1):
        said.lift(level, odd >= number)
    said.say("watch.invoice_share", share * 100, ~np.isnan(share))
    said.say("watch.invoice_cancelled", cancelled * 100, many)
    said.say("watch.invoice_buyers", rise * 100, jumped)
    said.evidence = {
        "latest": net[:, -1], "usual": usual, "cancelled": cancelled, "concentration_rise": rise,
    }  # fmt: skip
    return said


def _cancelled(known: Known, rule: InvoiceChangeRule) -> tuple[Float, Int]:
    """Return the share of recent invoices that were voided or reversed, and how many there are."""
    recent = known.events("invoice", rule.recent_days)
    issued = known.counted(recent.tagged(["valid", "void"]))
    gone = known.counted(recent.tagged(["void", "red"]))
    return ratio(gone, issued, issued > 0), issued


def _rise(known: Known, rule: InvoiceChangeRule, counted: Events) -> Float:
    """Return by how much the concentration of buyers is above that of the year before."""
    age = known.number - counted.day
    recent, before = age < rule.recent_days, age >= rule.recent_days
    before &= age < rule.recent_days + YEAR
    parts = [counted.where(rows) for rows in (recent, before)]
    enough = np.all([known.counted(p) >= rule.least for p in parts], axis=0)
    now, then = (herfindahl(p, known.count) for p in parts)
    rise: Float = np.where(enough, now - then, np.nan)
    return rise


def herfindahl(found: Events, count: int) -> Float:
    """Return the sum of squared shares of counterparties by party; NaN without a positive sum.

    Counterparties with which more was taken back than done count as nothing.
    """
    ours = found.where(found.other >= 0)
    key, place = np.unique(ours.subject * count + ours.other, return_inverse=True)
    worth = np.zeros(len(key), np.int64)
    np.add.at(worth, place, ours.amount)
    worth = np.maximum(worth, 0)
    whole = np.zeros(count, np.int64)
    np.add.at(whole, key // count, worth)
    part = worth / np.maximum(whole, 1)[key // count]
    squares = np.bincount(key // count, part**2, minlength=count)
    return np.where(whole > 0, squares, np.nan)


def customers(known: Known, rule: CustomersRule, troubled: Bool) -> Verdict:
    """Judge C1: how much of a year's inflow came from customers that are now in trouble.

    Parameters
    ----------
    troubled
        Parties that another signal puts on orange or red, or that defaulted.
    """
    paid = known.events("payment_in", rule.days).tagged(rule.tags)
    inflow = known.summed(paid)
    shaky = paid.where((paid.other >= 0) & troubled[paid.other])
    lost = known.summed(shaky)
    share = ratio(lost, inflow, inflow > 0)
    said = Verdict(known, "C1", rule)
    said.grade(share, ~np.isnan(share))
    said.say("watch.customers", share * 100, ~np.isnan(share))
    said.evidence = {"inflow": inflow, "from_troubled": lost}
    return said
