"""What young firms are looked at by: size, age, orders so far, and what they invent."""

from datetime import date
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess.innovation.fields import Portfolio
from liandong.assess.measures.invoices import Trade, contrast, share
from liandong.assess.measures.months import days
from liandong.assess.measures.signals import monthly
from liandong.step import Tables

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

Block = Literal["size", "age", "orders", "innovation"]
MILLION_FEN = 1e8


class Term(NamedTuple):
    """One column of the model.

    Attributes
    ----------
    name
        Its label is in the catalogue under ``measure``.
    block
        What it belongs to.
    rising
        Whether more of it may only speak for a firm.
    """

    name: str
    block: Block
    rising: bool = False


TERMS = (
    Term("size_orders", "size"),
    Term("size_orders_squared", "size"),
    Term("size_staff", "size"),
    Term("age_years", "age"),
    Term("orders_growth", "orders"),
    Term("orders_trend", "orders"),
    Term("orders_buyers", "orders"),
    Term("orders_tenders", "orders"),
    Term("staff_growth", "orders"),
    Term("invention_grants", "innovation", rising=True),
    Term("invention_fresh", "innovation", rising=True),
    Term("invention_pipeline", "innovation", rising=True),
    Term("invention_fields", "innovation"),
    Term("invention_near_region", "innovation", rising=True),
    Term("invention_coherence", "innovation", rising=True),
    Term("invention_spending", "innovation", rising=True),
    Term("invention_people", "innovation", rising=True),
)
YEAR = 12
TRACES = ("patents", "applications", "rd_spend", "rd_staff")
"""Measures of signals of which some in the last two years is a trace of invention."""


class Orders(NamedTuple):
    """Orders of firms (fen) by month, latest first, and distinct buyers of a year; all by firm.

    ``known`` tells who shares invoices at all.
    """

    known: Bool
    months: Int
    buyers: Int

    def year(self, back: int = 0) -> Int:
        """Return the orders of one year, ``back`` years before the latest; not below 0."""
        months = self.months[:, back * YEAR : (back + 1) * YEAR]
        return np.asarray(np.maximum(months.sum(axis=1), 0))


def orders_at(sums: pa.Table, ids: pa.Array, back: int) -> Orders:
    """Return the orders of the two years that end ``back`` months before the day of the sums."""
    trade, firms = Trade.of(sums, ids), len(ids)
    sold = trade.sales
    sold = sold.where((sold.status != 1) & (sold.month >= back))
    sold = sold._replace(month=sold.month - back)
    firm, _, _ = sold.where(sold.month < YEAR).partners()
    buyers = np.bincount(firm, minlength=firms)
    return Orders(trade.shared, sold.monthly(firms, 2 * YEAR), buyers.astype(np.int64))


def terms_at(
    firms: pa.Table, orders: Orders, tables: Tables, day: date, least: int
) -> tuple[Float, Bool]:
    """Return the terms of firms on a day, from what was known by then; NaN where unknown.

    Parameters
    ----------
    firms
        Rows of ``party``.
    orders
        Of the same firms.
    tables
        ``signal``, ``bid`` and ``party`` of anybody; what was seen later does not count.
    least
        Fen that are added to orders before their logarithm is taken.

    Returns
    -------
    values, traced
        Shape (firms, terms), in the order of ``TERMS``; and who left a trace of invention in the
        two years before.
    """
    ids = firms["party_id"].combine_chunks()
    signal = tables["signal"]
    own = signal.filter(pc.is_in(signal["party_id"], value_set=ids))
    series = {m: monthly(own, ids, m, day, 2 * YEAR) for m in (*TRACES, "insured")}
    # Firms that share their patents but have none are known to have none.
    granted = series["patents"].sum(2 * YEAR)
    year = orders.year()
    staff, people = series["insured"].latest(), series["rd_staff"].latest()
    size = np.log((year + least) / MILLION_FEN)
    age = (np.datetime64(day) - firms["founded"].to_numpy()).astype(np.int64) / 365.25
    columns = {
        "size_orders": size,
        "size_orders_squared": size**2,
        "size_staff": np.log1p(staff),
        "age_years": np.log1p(np.maximum(age, 0)),
        "orders_growth": contrast(year, orders.year(1)),
        "orders_trend": _trend(orders.months),
        "orders_buyers": np.log1p(orders.buyers),
        "orders_tenders": np.log1p(_won(tables["bid"], ids, day)),
        "invention_grants": np.log1p(granted),
        "invention_fresh": np.where(granted > 0, _fresh(series["patents"].value), 0 * granted),
        "invention_pipeline": np.log1p(_told(series["applications"].sum(YEAR), granted)),
        **Portfolio.known(signal, tables["party"], day).measures(ids),
        "invention_spending": np.log(0.001 + series["rd_spend"].sum(YEAR) * 100 / (year + least)),
        "invention_people": np.log(0.01 + share(people, staff)),
        "staff_growth": series["insured"].growth(YEAR),
    }
    values = np.column_stack([columns[t.name] for t in TERMS])
    values[~orders.known, :2] = np.nan
    traced = np.any([s.value.any(axis=1) for m, s in series.items() if m in TRACES], axis=0)
    return values, traced


def _told(count: Float, granted: Float) -> Float:
    """Return counts; none where no row says so of a firm that shares its patents."""
    return np.where(np.isnan(count) & ~np.isnan(granted), 0.0, count)


def _trend(months: Int) -> Float:
    half = YEAR // 2
    return contrast(months[:, :half].sum(axis=1), months[:, half:YEAR].sum(axis=1))


def _fresh(patents: Float) -> Float:
    """Return how fresh the latest patent is: 1 in the latest month, 1/e a year before."""
    return np.asarray(np.exp(-(patents > 0).argmax(axis=1) / YEAR))


def _won(bid: pa.Table, ids: pa.Array, day: date) -> Float:
    """Return the tenders won in the two years up to a day."""
    at = days(bid["at"])
    last = np.datetime64(day).astype(np.int64)
    use = bid["won"].to_numpy(zero_copy_only=False).astype(bool)
    use &= (at <= last) & (at > last - 730)
    firm = pc.drop_null(pc.index_in(bid["bidder_id"].filter(pa.array(use)), value_set=ids))
    return np.bincount(firm.to_numpy(), minlength=len(ids)).astype(np.float64)
