"""Measures of a firm from the invoices it issued and received."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess.measures.months import Int, days, months_before

Float = NDArray[np.float64]
Columns = dict[str, Float]

SIDES = {"sale": ("seller", "buyer"), "purchase": ("buyer", "seller")}
STATUSES = ("valid", "void", "red")
KEY = ("firm", "sale", "month", "other", "status")


def invoice_sums(invoice: pa.Table, firms: pa.Array, as_of: date) -> pa.Table:
    """Sum invoices up to ``as_of`` by firm (row of ``firms``), side, month, other party, status."""
    known = invoice.filter(pc.less_equal(invoice["date"], pa.scalar(as_of)))
    month = _month(days(known["date"]), as_of)
    status = pc.index_in(known["status"], value_set=pa.array(STATUSES))
    sides = []
    for side, (me, other) in SIDES.items():
        rows = pa.table({
            "firm": pc.index_in(known[me], value_set=firms),
            "sale": pa.repeat(side == "sale", len(known)),
            "month": pa.array(month), "other": known[other], "status": status,
            "net": known["net"], "tax": known["tax"],
            "number": pa.repeat(pa.scalar(1, pa.int64()), len(known)),
        })  # fmt: skip
        sides.append(grouped(rows.filter(pc.is_valid(rows["firm"]))))
    return pa.concat_tables(sides)


def _month(day: Int, as_of: date) -> Int:
    """Return the month of each day; there are far fewer days than invoices, so look them up."""
    first, last = (int(f(day)) for f in (np.min, np.max)) if len(day) else (0, 0)
    return months_before(np.arange(first, last + 1), as_of)[day - first]


def grouped(rows: pa.Table) -> pa.Table:
    """Add up the rows of one firm, side, month, other party and status; whole numbers only."""
    # Text keys are slow to group by: their codes are grouped, and the text is put back.
    coded = pa.chunked_array(rows["other"]).combine_chunks().dictionary_encode()
    at = rows.column_names.index("other")
    sums = rows.set_column(at, "other", coded.indices).group_by(list(KEY), use_threads=False)
    added = sums.aggregate([("net", "sum"), ("tax", "sum"), ("number", "sum")])
    added = added.rename_columns([*KEY, "net", "tax", "number"])
    return added.set_column(at, "other", coded.dictionary.take(added["other"]))


class Side(NamedTuple):
    """What one side of the invoices adds up to: arrays of equal length.

    ``firm`` and ``other`` are numbers of parties, ``month`` counts back, ``status`` is an index
    into ``STATUSES``, ``net`` and ``tax`` are fen, ``number`` counts
    invoices.
    """

    firm: Int
    month: Int
    other: Int
    status: Int
    net: Int
    tax: Int
    number: Int

    @classmethod
    def of(cls, sums: pa.Table, *, sale: bool) -> "Side":
        """Take one side out of the sums, whose ``other`` parties are numbers."""
        rows = sums.filter(pc.equal(sums["sale"], sale))
        columns = {n: rows[n].combine_chunks() for n in cls._fields}
        return cls(**{n: c.to_numpy(zero_copy_only=False).astype(np.int64)
                      for n, c in columns.items()})  # fmt: skip

    def where(self, mask: NDArray[np.bool_]) -> "Side":
        """Return some of the rows."""
        return Side(*(c[mask] for c in self))

    def total(self, values: Int, firms: int) -> Int:
        """Add up ``values`` by firm, exactly."""
        out = np.zeros(firms, np.int64)
        np.add.at(out, self.firm, values)
        return out

    def monthly(self, firms: int, months: int) -> Int:
        """Return net amounts by firm and month, latest month first."""
        recent = self.where(self.month < months)
        out = np.zeros((firms, months), np.int64)
        np.add.at(out, (recent.firm, recent.month), recent.net)
        return out

    def partners(self) -> tuple[Int, Int, Int]:
        """Return firm, other party and amount of each pair that did business, if above 0."""
        width = int(self.other.max(initial=0)) + 1
        pair, place = np.unique(self.firm * width + self.other, return_inverse=True)
        amount = np.zeros(len(pair), np.int64)
        np.add.at(amount, place, self.net)
        some = amount > 0
        return pair[some] // width, pair[some] % width, amount[some]


class Trade(NamedTuple):
    """All invoices of the firms.

    ``names`` are the parties by number: the firms in order, then everybody else they deal with in
    order; ``sales`` and ``bought`` are the two sides, with the numbers of parties as ``other``.
    """

    names: pa.Array
    firms: int
    sales: Side
    bought: Side

    @classmethod
    def of(cls, sums: pa.Table, firms: pa.Array) -> "Trade":
        """Give numbers to the parties of sums; ``firms`` are the ids of the firms in order."""
        coded = pa.chunked_array(sums["other"]).combine_chunks().dictionary_encode()
        known = coded.dictionary
        strange = known.filter(pc.invert(pc.is_in(known, value_set=firms)))
        names = pa.concat_arrays([firms, strange.take(pc.sort_indices(strange))])
        number = pc.index_in(known, value_set=names).take(coded.indices)
        sums = sums.set_column(sums.column_names.index("other"), "other", number)
        return cls(names, len(firms), Side.of(sums, sale=True), Side.of(sums, sale=False))

    @property
    def shared(self) -> NDArray[np.bool_]:
        """Which firms there are any invoices of."""
        return np.isin(np.arange(self.firms), np.concatenate([self.sales.firm, self.bought.firm]))


def share(part: NDArray[np.generic], whole: NDArray[np.generic]) -> Float:
    """Return part over whole; NaN where there is no whole."""
    a, b = part.astype(np.float64), whole.astype(np.float64)
    return np.asarray(np.divide(a, b, out=np.full(len(b), np.nan), where=b > 0))


def contrast(now: NDArray[np.generic], before: NDArray[np.generic]) -> Float:
    """Return (now - before) / (now + before), from -1 to 1; negative amounts count as nothing."""
    a, b = np.maximum(now, 0), np.maximum(before, 0)
    return share(a - b, a + b)


def invoice_measures(trade: Trade, window: int) -> Columns:
    """Return measures of a firm's own invoices, one value a firm; NaN where undefined.

    Parameters
    ----------
    trade
        All invoices of the firms.
    window
        Months that count as the last year; as many before them are what they are compared with.
    """
    sales, bought, firms = trade.sales, trade.bought, trade.firms
    columns = {
        **_trade(sales, firms, window, "sales", "buyer"),
        **_sales(sales, firms, window),
        **_trade(bought, firms, window, "purchases", "supplier"),
    }
    columns["margin"] = contrast(columns["sales_12m"], columns["purchases_12m"])
    return columns


def _trade(side: Side, firms: int, window: int, what: str, who: str) -> Columns:
    """Measures that sales and purchases share."""
    now = side.where(side.month < window)
    status = [now.where(now.status == i) for i in range(len(STATUSES))]
    valid, void, red = ([s.total(c, firms) for c in (s.net, s.number)] for s in status)
    before = side.where((side.month >= window) & (side.month < 2 * window) & (side.status != 1))
    year = np.maximum(valid[0] + red[0], 0)
    return {
        f"{what}_12m": year / 100,
        f"{what}_growth": contrast(year, before.total(before.net, firms)),
        f"{what}_void_share": share(void[1], valid[1] + void[1] + red[1]),
        f"{what}_red_share": share(-red[0], valid[0] - red[0]),
        **_partners(now.where(now.status != 1), before, firms, who),
    }


def _partners(now: Side, before: Side, firms: int, who: str) -> Columns:
    """How many partners there are, how concentrated, and how much is done with earlier ones."""
    firm, other, amount = now.partners()
    # Floats are added in the order of firm and amount, which no order of rows can change.
    order = np.lexsort((amount, firm))
    of_firm, part = firm[order], amount[order].astype(np.float64)
    total = np.bincount(of_firm, part, firms)
    squares = np.bincount(of_firm, part**2, firms)
    width = 1 + max(int(s.other.max(initial=0)) for s in (now, before))
    known = np.isin(firm * width + other, before.firm * width + before.other)
    kept = np.zeros(firms, np.int64)
    np.add.at(kept, firm[known], amount[known])
    met = np.isin(np.arange(firms), before.firm)
    return {
        f"{who}s": np.bincount(firm, minlength=firms).astype(np.float64),
        f"{who}_hhi": share(squares, total**2),
        f"{who}_loyalty": np.where(met, share(kept, total), np.nan),
    }


def _sales(sales: Side, firms: int, window: int) -> Columns:
    """Measures of sales alone: their course over the months, and what an invoice is like."""
    counted = sales.where(sales.status != 1)
    month = counted.monthly(firms, window)
    half = window // 2
    mean, spread = month.mean(axis=1), month.std(axis=1)
    valid = sales.where((sales.status == 0) & (sales.month < window))
    net, issued = valid.total(valid.net, firms), valid.total(valid.number, firms)
    first, last = np.full(firms, -1), np.full(firms, np.iinfo(np.int64).max)
    np.maximum.at(first, counted.firm, counted.month)
    np.minimum.at(last, counted.firm, counted.month)
    sold = first >= 0
    return {
        "sales_trend": contrast(month[:, :half].sum(axis=1), month[:, half:].sum(axis=1)),
        "sales_volatility": share(spread, mean),
        "sales_months": (month > 0).sum(axis=1).astype(np.float64),
        "sales_idle": np.where(sold, last, np.nan),
        "sales_history": np.where(sold, first, np.nan),
        "sales_ticket": share(net, 100 * issued),
        "sales_tax_rate": share(valid.total(valid.tax, firms), net),
    }
