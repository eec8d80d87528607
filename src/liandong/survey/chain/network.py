"""From invoices and recorded ties to a network of firms by number."""

from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.graphs.rippling import SAFE, WHOLE
from liandong.step import Tables
from liandong.step.totals import must_fit, size
from liandong.survey.chain.rules import TiesRule

Int = NDArray[np.int64]

FINAL = ("person", "government", "bank", "fund")
"""Kinds of parties whose purchases nobody makes anything of."""


class Codes(NamedTuple):
    """Texts by number: the names in order, and the number of each row, -1 for none."""

    names: list[str]
    code: Int

    @classmethod
    def of(cls, column: pa.Array) -> "Codes":
        """Give each text of a column its number."""
        names = pc.unique(column).drop_null().sort()
        return cls(names.to_pylist(), numbers(column, names))

    def column(self) -> pa.Array:
        """Return the texts of all rows."""
        return named(self.names, self.code)


class Network(NamedTuple):
    """Firms that have ties, and the ties in the order of seller and buyer.

    Attributes
    ----------
    ids
        Of firms, in order.
    place, trade
        Region and industry of each firm, cut to what the rule compares.
    seller, buyer
        Firms of each tie, by number.
    amount, invoices
        Fen, and how many invoices these are the sum of; 0 invoices of a recorded tie.
    final
        Sales of each firm to final demand.
    told
        What was counted on the way, by measure.
    """

    ids: pa.Array
    place: Codes
    trade: Codes
    seller: Int
    buyer: Int
    amount: Int
    invoices: Int
    final: Int
    told: dict[str, int]

    @property
    def sold(self) -> Int:
        """Sales of each firm to firms."""
        return sums(self.seller, self.amount, len(self.ids))

    @property
    def bought(self) -> Int:
        """Purchases of each firm from firms."""
        return sums(self.buyer, self.amount, len(self.ids))


def numbers(column: pa.Array | pa.ChunkedArray, names: pa.Array) -> Int:
    """Return where each text stands among the names, -1 if nowhere."""
    at = pc.fill_null(pc.index_in(column, value_set=names), -1)
    return np.asarray(at.to_numpy(zero_copy_only=False), np.int64)


def named(names: pa.Array | list[str], code: Int) -> pa.Array:
    """Return the name of each number, null for -1."""
    found = names if isinstance(names, pa.Array) else pa.array(names, pa.string())
    return found.take(pa.array(code, mask=code < 0))


def sums(code: Int, value: Int, count: int) -> Int:
    """Return whole sums by number; numbers below 0 are left out."""
    total = np.zeros(count, np.int64)
    known = code >= 0
    np.add.at(total, code[known], value[known])
    return total


def ppm(part: Int, whole: Int) -> Int:
    """Return shares in ppm, rounded down, of wholes above 0; to the ppm for any amount."""
    fine = np.minimum(part, SAFE) * WHOLE // np.maximum(whole, 1)
    coarse = part // np.maximum(whole // WHOLE, 1)
    return np.minimum(np.where(whole < SAFE, fine, coarse), WHOLE)


def part_of(amount: Int, share: Int | int) -> Int:
    """Return so many ppm of amounts, rounded down to the fen; no product leaves 64 bits."""
    return np.asarray(amount // WHOLE * share + amount % WHOLE * share // WHOLE, np.int64)


def read_network(tables: Tables, rule: TiesRule) -> Network:
    """Return the network of a day.

    Void invoices and those of a firm to itself are left out; so are pairs whose red-letter
    invoices take back all they bought. Where a pair has no invoice, a recorded tie (``edge``) that
    holds on the day stands in with its weight. Firms that have closed are no longer there. What is
    left out is counted in ``told``.

    Raises
    ------
    DataError
        If all amounts together are more than can be summed safely.
    """
    told: dict[str, int] = {}
    pairs = pa.concat_tables(_pairs(tables, rule, told))
    party = _known(tables["party"])
    over = _over(tables, rule)
    closed = np.zeros(len(pairs), bool)
    for end in ("seller", "buyer"):
        closed |= pc.is_in(pairs[end], value_set=over).to_numpy()
    told["ties_closed"] = int(closed.sum())
    pairs = pairs.filter(pa.array(~closed))
    kind = party["kind"].take(pc.index_in(pairs["buyer"], value_set=party["party_id"]))
    last = pc.fill_null(pc.is_in(kind, value_set=pa.array(FINAL)), fill_value=False).to_numpy()
    ties = pairs.filter(pa.array(~last))
    ends = [*ties["seller"].chunks, *ties["buyer"].chunks]
    ids = pc.unique(pa.chunked_array(ends, pa.string())).sort()
    row = pc.index_in(ids, value_set=party["party_id"])
    told["firms_unknown"] = row.null_count
    industry = pc.utf8_slice_codeunits(party["industry"].take(row), 0, rule.letters)
    seller, buyer = (numbers(ties[end], ids) for end in ("seller", "buyer"))
    order = np.lexsort((buyer, seller))
    amount, invoices = (ties[n].to_numpy()[order] for n in ("amount", "invoices"))
    sold = pairs.filter(pa.array(last))
    return Network(
        ids, Codes.of(cut(party["region_id"].take(row), rule.level)), Codes.of(industry),
        seller[order], buyer[order], amount, invoices,
        sums(numbers(sold["seller"], ids), sold["amount"].to_numpy(), len(ids)), told,
    )  # fmt: skip


def cut(region: pa.Array, level: str) -> pa.Array:
    """Return the region of a level that each region lies in."""
    digits = {"province": 2, "city": 4, "county": 6}[level]
    head = pc.utf8_slice_codeunits(region, 0, digits)
    return pc.binary_join_element_wise(head, "0" * (6 - digits), "")


def _pairs(tables: Tables, rule: TiesRule, told: dict[str, int]) -> list[pa.Table]:
    """Return sums by pair from invoices, and recorded ties of pairs that have none."""
    invoice = tables["invoice"]
    must_fit(size(invoice["net"]), "invoice")
    first = pa.scalar(rule.as_of - timedelta(days=rule.days - 1))
    date = invoice["date"]
    within = pc.and_(pc.greater_equal(date, first), pc.less_equal(date, pa.scalar(rule.as_of)))
    invoice = invoice.filter(within)
    void = pc.equal(invoice["status"], "void")
    own = pc.equal(invoice["seller"], invoice["buyer"])
    told["invoices"] = len(invoice)
    told["invoices_void"], told["invoices_own"] = _count(void), _count(pc.and_not(own, void))
    kept = invoice.filter(pc.invert(pc.or_(void, own))).group_by(["seller", "buyer"])
    summed = kept.aggregate([("net", "sum"), ("net", "count")])
    summed = summed.rename_columns(["seller", "buyer", "amount", "invoices"])
    back = pc.less_equal(summed["amount"], 0)
    told["pairs_reversed"] = _count(back)
    recorded = _recorded(tables["edge"], rule)
    pair = ["seller", "buyer"]
    extra = recorded.join(summed.select(pair), pair, join_type="left anti")
    told["ties_recorded"] = len(extra)
    told["ties_without_amount"] = _count(pc.equal(extra["amount"], 0))
    schema = pa.schema([("seller", pa.string()), ("buyer", pa.string()),
                        ("amount", pa.int64()), ("invoices", pa.int64())])  # fmt: skip
    return [t.select(schema.names).cast(schema) for t in (summed.filter(pc.invert(back)), extra)]


def _recorded(edge: pa.Table, rule: TiesRule) -> pa.Table:
    """Return the supply ties that hold on the day, each pair once."""
    day = pa.scalar(rule.as_of)
    holds = pc.and_(
        pc.less_equal(edge["valid_from"], day),
        pc.fill_null(pc.greater_equal(edge["valid_to"], day), fill_value=True),
    )
    holds = pc.and_(holds, pc.equal(edge["kind"], "supplies"))
    found = edge.filter(pc.and_(holds, pc.not_equal(edge["src"], edge["dst"])))
    weight = pc.max_element_wise(pc.fill_null(found["weight"], 0), 0)
    found = pa.table({"seller": found["src"], "buyer": found["dst"], "amount": weight})
    summed = found.group_by(["seller", "buyer"]).aggregate([("amount", "sum")])
    summed = summed.rename_columns(["seller", "buyer", "amount"])
    return summed.append_column("invoices", pa.array(np.zeros(len(summed), np.int64)))


def _known(party: pa.Table) -> pa.Table:
    wanted = party.select(["party_id", "kind", "region_id", "industry"])
    return wanted.combine_chunks()


def _over(tables: Tables, rule: TiesRule) -> pa.Array:
    """Return the ids of parties that have closed by the day."""
    day, event, party = pa.scalar(rule.as_of), tables["event"], tables["party"]
    closed = pc.and_(pc.equal(event["kind"], "closure"), pc.less_equal(event["at"], day))
    ended = pc.fill_null(pc.less(party["valid_to"], day), fill_value=False)
    gone = [*event["party_id"].filter(closed).chunks, *party["party_id"].filter(ended).chunks]
    return pc.unique(pa.chunked_array(gone, pa.string()))


def _count(mask: pa.ChunkedArray) -> int:
    return pc.sum(mask).as_py() or 0
