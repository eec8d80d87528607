"""Acts on vouchers in their one order, as numbers: what the kernel of lots is fed with."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.schema.tables.vouchers import ACTS, FAULTS
from liandong.step.totals import must_fit, size

Int = NDArray[np.int64]
Bools = NDArray[np.bool_]

CODE = {name: 1 + i for i, name in enumerate(FAULTS)}
"""Numbers of faults, as the kernel has them."""
KIND = {name: i for i, name in enumerate(ACTS)}
NONE, UNKNOWN = -1, -2
_DAY, _CHINA = 86_400_000_000, 8 * 3_600_000_000


class Acts(NamedTuple):
    """Acts in order of (at, seq, act_id).

    Attributes
    ----------
    rows
        The table in that order.
    numbers
        Shape (acts, 9), as :func:`liandong.kernels.money.vouchers.run` takes them.
    vouchers, parties
        Ids by number, sorted.
    fault
        What is wrong with an act by itself, by number; 0 for nothing.
    """

    rows: pa.Table
    numbers: Int
    vouchers: pa.Array
    parties: pa.Array
    fault: Int


def read_acts(table: pa.Table) -> Acts:
    """Put acts into their order, number what they name, and judge each by itself.

    A split without a payee is to its holder. Days are those of China.

    Raises
    ------
    DataError
        If all amounts together are more than can be summed safely.
    """
    must_fit(size(table["amount"]), "voucher_act")
    keys = [(n, "ascending") for n in ("at", "seq", "act_id")]
    rows = table.sort_by(keys).combine_chunks()
    kind = pc.index_in(rows["kind"], value_set=pa.array(ACTS)).to_numpy().astype(np.int64)
    vouchers, (voucher,) = _numbered(rows["voucher_id"])
    parties, (source, target) = _numbered(rows["from_party"], rows["to_party"])
    target = np.where((kind == KIND["split"]) & (target == NONE), source, target)
    lot_act, lot_number = _named_lots(rows)
    amount, due = rows["amount"].to_numpy(), _days(rows["due"])
    numbers = np.column_stack([
        kind, voucher, lot_act, lot_number, source, target, amount, due, china_days(rows["at"]),
    ])  # fmt: skip
    return Acts(rows, numbers, vouchers, parties, _judged(numbers, rows["rate"]))


def china_days(at: pa.ChunkedArray) -> Int:
    """Return the day of each moment in China, since 1970-01-01."""
    return np.asarray((at.cast(pa.int64()).to_numpy() + _CHINA) // _DAY, np.int64)


def _days(column: pa.ChunkedArray) -> Int:
    days = column.cast(pa.int32()).cast(pa.int64())
    return np.asarray(pc.fill_null(days, NONE).to_numpy(), np.int64)


def _numbered(*columns: pa.ChunkedArray) -> tuple[pa.Array, list[Int]]:
    """Return the ids in some columns, sorted, and each column as numbers, NONE where null."""
    chunks = [c for column in columns for c in column.chunks]
    ids = pc.drop_null(pc.unique(pa.chunked_array(chunks, pa.string()))).sort()
    at = (pc.fill_null(pc.index_in(c, value_set=ids), NONE).to_numpy() for c in columns)
    return ids, [a.astype(np.int64) for a in at]


def _named_lots(rows: pa.Table) -> tuple[Int, Int]:
    """Return for each act which act made the lot that it names, and which of its lots that is.

    A lot is ``ACT#NUMBER``; the id of an act alone is its first lot.
    """
    named, acts = rows["lot_id"], rows["act_id"]
    parts = pc.extract_regex(named, r"(?s)^(?P<act>.+)#(?P<number>[1-9][0-9]{0,8})$")
    of_lot = pc.index_in(pc.struct_field(parts, "act"), value_set=acts)
    numbered = of_lot.is_valid()
    number = pc.if_else(numbered, pc.struct_field(parts, "number").cast(pa.int64()), 1)
    maker = pc.coalesce(of_lot, pc.index_in(named, value_set=acts))
    found = pc.fill_null(maker, UNKNOWN).to_numpy().astype(np.int64)
    return np.where(named.is_null().to_numpy(), NONE, found), number.to_numpy().astype(np.int64)


def _judged(numbers: Int, rate: pa.ChunkedArray) -> Int:
    """Return what is wrong with each act by itself; of several things the first of the list."""
    kind, voucher, lot, _, source, target, amount, due, day = numbers.T
    ends = kind >= KIND["settle"]
    issue, discount = kind == KIND["issue"], kind == KIND["discount"]
    wrong: dict[str, Bools] = {
        "zero": amount == 0,
        "negative": amount < 0,
        "no_party": (target == NONE) | ((source == NONE) & ~ends),
        "self_transfer": (source == target) & (kind != KIND["split"]),
        "no_voucher": (voucher == NONE) & (issue | (ends & (lot == NONE))),
        "no_due": issue & (due == NONE),
        "no_rate": discount & rate.is_null().to_numpy(),
        "due_passed": issue & (due != NONE) & (due < day),
    }
    fault = np.zeros(len(numbers), np.int64)
    for name, here in reversed(wrong.items()):
        fault[here] = CODE[name]
    return fault
