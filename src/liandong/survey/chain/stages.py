"""How far industries are from final use, and how much one sale sets going."""

from datetime import timedelta
from functools import reduce
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.statistics.inputoutput import Linkages, linkages
from liandong.schema.arrow import known
from liandong.schema.provinces import NATION
from liandong.step import Tables, concat, fold, output
from liandong.survey.chain.network import Int, Network, numbers, read_network
from liandong.survey.chain.rules import TiesRule
from liandong.survey.checks import one_unit

Float = NDArray[np.float64]

MOST = 5_000
"""Sectors of a table of invoices at most; of more the figures stay null."""
ADDED = {"inter": 1, "final": 1, "imported": -1, "error": 1}
"""How cells of a row add up to output."""


class _Sectors(NamedTuple):
    """A table: its sectors, what they sell each other, and what they make."""

    region: pa.Array
    industry: pa.Array
    sales: Float
    output: Float
    uses: Float
    stated: Float


@fold(
    reads=("input_output", "invoice", "edge", "party", "event"), writes=("upstreamness",),
    rule=TiesRule,
)  # fmt: skip
def upstreamness(tables: Tables, rule: TiesRule) -> Tables:
    """Measure each industry's distance to final use, and its multipliers.

    Every period and vintage of ``input_output`` is a table by itself, and so are the invoices of
    the days asked for: once over all regions (region 100000), and once by region and industry.
    Upstreamness and downstreamness take imports to be used like what is made at home. ``output`` is
    what the table states, else the sum of its row; ``imbalance`` is by how much that sum is larger.
    Figures are null for a sector without output, and throughout a table in which some sector needs
    more than it makes, or of invoices in more than 5,000 sectors; fewer ``letters`` or a higher
    ``level`` help there.

    Raises
    ------
    DataError
        If one table has cells in several units.
    """
    found = [_of_table(part, *key) for key, part in _parts(tables["input_output"])]
    found += _of_invoices(tables, rule)
    return reduce(concat, found, output("upstreamness", **{n: [] for n in _NAMES}))


def _parts(cells: pa.Table) -> list[tuple[tuple[str, str, str], pa.Table]]:
    """Return the cells by period and vintage, with the unit that all of them are in."""
    keys = cells.group_by(["period", "vintage"]).aggregate([("unit", "distinct")])
    found = []
    order = [("period", "ascending"), ("vintage", "ascending")]
    for row in keys.sort_by(order).to_pylist():
        period, vintage, units = row["period"], row["vintage"], sorted(row["unit_distinct"])
        one_unit("input_output", vintage, period, units)
        here = pc.and_(pc.equal(cells["period"], period), pc.equal(cells["vintage"], vintage))
        found.append(((period, vintage, units[0]), cells.filter(here)))
    return found


def _of_table(cells: pa.Table, period: str, vintage: str, unit: str) -> Tables:
    sold = cells.filter(pc.not_equal(cells["cell"], "added"))
    key = ("from_region", "from_industry", "to_region", "to_use")
    # Sums of floats must not depend on the order of rows.
    sold = sold.take(np.lexsort([numbers(sold[n], pc.unique(sold[n]).sort()) for n in key]))
    seller, buyer = _pair(sold[key[0]], sold[key[1]]), _pair(sold[key[2]], sold[key[3]])
    inter = pc.equal(sold["cell"], "inter")
    ends = [*seller.chunks, *buyer.filter(inter).chunks]
    names = pc.unique(pa.chunked_array(ends, pa.string())).sort()
    row, value, count = numbers(seller, names), sold["value"].to_numpy(), len(names)
    within = inter.to_numpy()
    sales = np.zeros((count, count))
    np.add.at(sales, (row[within], numbers(buyer.filter(inter), names)), value[within])
    by_cell = {c: _sum(sold, c, row, count) for c in (*ADDED, "output")}
    total = sum((sign * by_cell[c] for c, sign in ADDED.items()), np.zeros(count))
    states = np.zeros(count, bool)
    states[row[pc.equal(sold["cell"], "output").to_numpy()]] = True
    made = np.where(states, by_cell["output"], total)
    sectors = _Sectors(
        *_split(names), sales, made, by_cell["inter"] + by_cell["final"],
        np.where(states, total - made, np.nan),
    )  # fmt: skip
    return _told(sectors, "input_output", period, vintage, unit)


def _pair(region: pa.ChunkedArray, industry: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(region, industry, "\t")


def _split(names: pa.Array) -> tuple[pa.Array, pa.Array]:
    both_parts = pc.split_pattern(names, "\t", max_splits=1)
    return pc.list_element(both_parts, 0), pc.list_element(both_parts, 1)


def _sum(cells: pa.Table, cell: str, row: Int, count: int) -> Float:
    here = pc.equal(cells["cell"], cell).to_numpy()
    value = cells["value"].to_numpy()[here]
    return np.asarray(np.bincount(row[here], value, count), np.float64)


def _of_invoices(tables: Tables, rule: TiesRule) -> list[Tables]:
    """Return the figures of firms' trade, over all regions and by region."""
    net = read_network(tables, rule)
    trade, place, trades = net.trade.code, net.place.code, len(net.trade.names)
    first = rule.as_of - timedelta(days=rule.days - 1)
    local = np.where((trade < 0) | (place < 0), -1, place * trades + trade)
    whole = _traded(net, trade, [NATION])
    regions = _traded(net, local, net.place.names)
    return [
        _told(s, "invoice", f"{first}/{rule.as_of}", "invoice", "CNY fen")
        for s in (whole, regions) if len(s.output)
    ]  # fmt: skip


def _traded(net: Network, sector: Int, regions: list[str]) -> _Sectors:
    """Add up trade by sector; the code of a firm's sector is region by region, -1 for none."""
    live, at = np.unique(sector, return_inverse=True)
    at, live = at - (live[:1] < 0).sum(), live[live >= 0]
    count, trades = len(live), max(len(net.trade.names), 1)
    one, other = at[net.seller], at[net.buyer]
    amount, inside = net.amount.astype(np.float64), (one >= 0) & (other >= 0)
    sales = np.zeros((count, count) if count <= MOST else (0, 0))
    if count <= MOST:
        np.add.at(sales, (one[inside], other[inside]), amount[inside])
    # All sales count; what goes to firms of no known sector leaves the table like a final sale.
    sold = (one >= 0, at >= 0)
    made = np.asarray(np.bincount(one[sold[0]], amount[sold[0]], count), np.float64)
    made += np.bincount(at[sold[1]], net.final[sold[1]], count)
    return _Sectors(
        pa.array(regions, pa.string()).take(pa.array(live // trades)),
        pa.array(net.trade.names, pa.string()).take(pa.array(live % trades)),
        sales, made, made, np.full(count, np.nan),
    )  # fmt: skip


_NAMES = (
    "source", "region_id", "industry", "period", "vintage", "output", "unit", "imbalance",
    *Linkages._fields,
)  # fmt: skip


def _told(s: _Sectors, source: str, period: str, vintage: str, unit: str) -> Tables:
    whole, rows = np.array_equal(s.uses, s.output), len(s.output)
    if len(s.sales) == rows:
        found = linkages(s.sales, s.output, None if whole else s.uses)
    else:
        found = Linkages(*[np.full(rows, np.nan)] * len(Linkages._fields))
    columns = dict(zip(found._fields, found, strict=True)) | {"imbalance": s.stated}
    return output(
        "upstreamness", source=[source] * rows, region_id=s.region, industry=s.industry,
        period=[period] * rows, vintage=[vintage] * rows, output=s.output, unit=[unit] * rows,
        **{n: known(v) for n, v in columns.items()},
    )  # fmt: skip
