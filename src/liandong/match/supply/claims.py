"""What suppliers are owed: open invoices on the buyers of a programme."""

from datetime import date, timedelta
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, model_validator

from liandong.errors import UnfitError
from liandong.schema.field import MONEY_MOST
from liandong.step import Rule, Tables
from liandong.step.totals import must_fit, size
from liandong.texts import both
from liandong.types import PPM, Money, Rate

Int = NDArray[np.int64]


class ReceivablesRule(Rule):
    """Which receivables become projects, and how much is advanced on them.

    Attributes
    ----------
    as_of
        The day on which they are looked at; buyers need a score of this day.
    buyers
        Ids of the buyers; empty for all that fit.
    buyer_pd, buyer_sizes
        The highest probability of default and the size classes of a buyer.
    tenor_days
        An invoice is due this many days after its date.
    oldest_days, least_days
        Invoices are at most this old, and not due before this many days.
    advance_rate
        Share of what is due that is advanced; the rest is the haircut.
    each
        ``pair``: one project a supplier and buyer; ``invoice``: one an invoice.
    least
        Least advance of a project; what stays below is not proposed.
    buyer_most
        Most advanced on one buyer in all, oldest invoices first; None for no limit.
    dilution_most, dilution_days
        Highest share of a supplier's sales to a buyer that red-letter invoices took back, and over
        how many days this is counted.
    related_share
        Supplier and buyer are related if one holds this share of the other, or one party controls
        both.
    refuse_suspicious
        Refuse what looks like an altered copy of another invoice, instead of only saying so.
    purpose
        Purpose of the projects.
    """

    as_of: date
    buyers: tuple[str, ...] = ()
    buyer_pd: Rate = Field(default=Rate(20_000), ge=0, le=1_000_000)
    buyer_sizes: tuple[Literal["micro", "small", "medium", "large"], ...] = ("medium", "large")
    tenor_days: int = Field(default=120, ge=1, le=3_650)
    oldest_days: int = Field(default=90, ge=0, le=3_650)
    least_days: int = Field(default=15, ge=0, le=3_650)
    advance_rate: Rate = Field(default=Rate(800_000), gt=0, le=1_000_000)
    each: Literal["pair", "invoice"] = "pair"
    least: Money = Field(default=Money(50_000_000), ge=1, le=MONEY_MOST)
    buyer_most: Money | None = Field(default=None, ge=0, le=MONEY_MOST)
    dilution_most: Rate = Field(default=Rate(100_000), ge=0, le=1_000_000)
    dilution_days: int = Field(default=365, ge=1, le=3_650)
    related_share: Rate = Field(default=Rate(200_000), gt=0, le=1_000_000)
    refuse_suspicious: bool = False
    purpose: str = "应收账款融资"

    @model_validator(mode="after")
    def _window(self) -> "ReceivablesRule":
        if self.least_days > self.tenor_days:
            raise UnfitError(what=both("unfit.claim_days"))
        return self


def claims(tables: Tables, rule: ReceivablesRule) -> pa.Table:
    """Return the open claims on the buyers of the rule, one row an invoice, in a fixed order.

    An invoice counts with what red-letter invoices until the day have left of it; void ones, those
    that nothing is left of, and those outside the window are no claims.

    Returns
    -------
    pyarrow.Table
        The columns of ``invoice`` with ``amount`` (fen), ``due``, and the buyer's ``pd`` (ppm); by
        supplier, buyer, date and id.
    """
    invoice, day = tables["invoice"], rule.as_of
    oldest = max(day - timedelta(rule.oldest_days), _issued(day + timedelta(rule.least_days), rule))
    late = pc.and_(
        pc.greater_equal(invoice["date"], pa.scalar(oldest)),
        pc.less_equal(invoice["date"], pa.scalar(day)),
    )
    on = _buyers(tables, rule)
    at = pc.index_in(invoice["buyer"], value_set=on["party_id"])
    firms = tables["party"].filter(pc.equal(tables["party"]["kind"], "firm"))["party_id"]
    supplies = pc.and_(
        pc.is_in(invoice["seller"], value_set=firms),
        pc.not_equal(invoice["seller"], invoice["buyer"]),
    )
    keep = pc.and_(pc.equal(invoice["status"], "valid"), pc.and_(late, pc.is_valid(at)))
    keep = pc.and_(keep, supplies)
    open_ = invoice.filter(keep).append_column("pd", on["pd"].take(at.filter(keep)))
    must_fit(size(open_["net"], open_["tax"]), "invoice")
    left = np.add(*(open_[n].to_numpy() for n in ("net", "tax"))) + _taken_back(invoice, open_, day)
    due = pa.array(open_["date"].cast(pa.int32()).to_numpy() + rule.tenor_days).cast(pa.date32())
    open_ = open_.append_column("amount", pa.array(left)).append_column("due", due)
    order = [(n, "ascending") for n in ("seller", "buyer", "date", "invoice_id")]
    return open_.filter(pa.array(left > 0)).sort_by(order).combine_chunks()


def _issued(due: date, rule: ReceivablesRule) -> date:
    return due - timedelta(rule.tenor_days)


def _buyers(tables: Tables, rule: ReceivablesRule) -> pa.Table:
    """Return ``party_id`` and ``pd`` of the buyers; of several scores the worst counts."""
    party, score = tables["party"], tables["score"]
    fits = pc.and_(
        pc.equal(party["kind"], "firm"),
        pc.is_in(party["size_class"], value_set=pa.array(rule.buyer_sizes, pa.string())),
    )
    if rule.buyers:
        fits = pc.and_(fits, pc.is_in(party["party_id"], value_set=pa.array(rule.buyers)))
    today = score.filter(pc.equal(score["as_of"], pa.scalar(rule.as_of)))
    worst = today.group_by("party_id", use_threads=False).aggregate([("pd", "max")])
    good = worst.filter(pc.less_equal(worst["pd_max"], int(rule.buyer_pd)))
    good = good.filter(pc.is_in(good["party_id"], value_set=party.filter(fits)["party_id"]))
    return good.rename_columns(["party_id", "pd"]).combine_chunks()


def _taken_back(invoice: pa.Table, claim: pa.Table, day: date) -> Int:
    """Return what red-letter invoices until the day took back of each claim, fen, negative."""
    red = pc.and_(
        pc.equal(invoice["status"], "red"), pc.less_equal(invoice["date"], pa.scalar(day))
    )
    back = invoice.filter(pc.and_(red, pc.is_in(invoice["ref"], value_set=claim["invoice_id"])))
    at = pc.index_in(back["ref"], value_set=claim["invoice_id"]).to_numpy()
    out = np.zeros(len(claim), np.int64)
    for name in ("net", "tax"):
        np.add.at(out, at, -np.abs(back[name].to_numpy()))
    return out


def dilution(invoice: pa.Table, claim: pa.Table, rule: ReceivablesRule) -> Int:
    """Return the share of sales that red-letter invoices took back, by pair of each claim, ppm."""
    since = rule.as_of - timedelta(rule.dilution_days)
    recent = pc.and_(
        pc.greater(invoice["date"], pa.scalar(since)),
        pc.less_equal(invoice["date"], pa.scalar(rule.as_of)),
    )
    rows = invoice.filter(recent)
    must_fit(size(rows["net"]), "invoice")
    pair, pairs = _pairs(claim), pc.unique(_pairs(claim))
    at = pc.index_in(_pairs(rows), value_set=pairs)
    known = at.is_valid().to_numpy()
    at, net = at.drop_null().to_numpy(), np.abs(rows["net"].to_numpy()[known])
    sums = {}
    for status in ("valid", "red"):
        here = pc.equal(rows["status"], status).to_numpy()[known]
        sums[status] = np.zeros(len(pairs), np.int64)
        np.add.at(sums[status], at[here], net[here])
    share = [
        PPM if back and not sold else back * PPM // max(sold, 1)
        for sold, back in zip(sums["valid"].tolist(), sums["red"].tolist(), strict=True)
    ]
    each: Int = np.array(share, np.int64)[pc.index_in(pair, value_set=pairs).to_numpy()]
    return each


def _pairs(table: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(table["seller"], table["buyer"], "\x1f")
