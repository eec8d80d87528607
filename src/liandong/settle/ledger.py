"""The double-entry ledger: what an entry is, and balances as a fold over entries."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import InvariantError
from liandong.schema.tables.ledger import COUNTERS
from liandong.step import Tables, output
from liandong.texts import both

MOVED = pa.array(["posted", "post"])
"""Phases in which an entry moves an amount; others only reserve or free it."""
CONTENT = ("debit", "credit", "amount", "unit", "agreement", "ref")
"""What an entry says, whatever the day on which it was made."""
Row = dict[str, Any]


def account_id(code: str, owner: str, unit: str) -> str:
    """Name the one account of a class, an owner and a unit.

    Examples
    --------
    >>> account_id("deposits", "E17", "CNY")
    'deposits:E17:CNY'
    """
    return f"{code}:{owner}:{unit}"


def accounts_of(entries: Iterable[Row]) -> Tables:
    """Return the accounts of entries as table ``account``, each once: a class, an owner, a unit."""
    ids = sorted({r[side] for r in entries for side in ("debit", "credit")})
    parts = [(*i.split(":", 1)[:1], *i.split(":", 1)[1].rsplit(":", 1)) for i in ids]
    code, owner, unit = zip(*parts, strict=True) if parts else ((), (), ())
    return output("account", account_id=ids, owner_id=owner, unit=unit, code=code)


def balances(entry: pa.Table) -> pa.Table:
    """Fold entries into the four counters of every account they touch.

    Parameters
    ----------
    entry
        Rows of table ``entry``. ``posted`` moves money at once; ``pending`` reserves it; ``post``
        (of ``ref``, at most its amount) and ``void`` (of ``ref``) end the reservation.

    Returns
    -------
    pyarrow.Table
        ``account_id``, ``unit`` and the counters ``debit``, ``credit``, ``pending_debit`` and
        ``pending_credit``, in account order. In each unit debits equal credits.

    Raises
    ------
    InvariantError
        If a reservation is ended twice, never began, or is posted beyond its amount.
    """
    begun = entry.filter(pc.equal(entry["phase"], "pending"))
    ended = entry.filter(pc.is_in(entry["phase"], value_set=pa.array(["post", "void"])))
    moved = entry.filter(pc.is_in(entry["phase"], value_set=MOVED))
    legs = [
        *_legs(moved, "debit", "credit", 1),
        *_legs(begun, "pending_debit", "pending_credit", 1),
        *_legs(_reservations(begun, ended), "pending_debit", "pending_credit", -1),
    ]
    sums = pa.concat_tables(legs).group_by(["account_id", "unit"], use_threads=False)
    found = sums.aggregate([(c, "sum") for c in COUNTERS]).sort_by("account_id")
    return found.rename_columns(["account_id", "unit", *COUNTERS])


def _reservations(begun: pa.Table, ended: pa.Table) -> pa.Table:
    """Return the reservations that ``ended`` ends, one row for each, after checking that it may."""
    at = pc.index_in(ended["ref"], value_set=begun["entry_id"])
    _must_hold(ended, pc.is_valid(at), "fault.ends_nothing")
    _must_hold(ended, _first_of(at), "fault.ended_before")
    freed = begun.take(at)
    _must_hold(ended, pc.less_equal(ended["amount"], freed["amount"]), "fault.posts_too_much")
    return freed


def _first_of(values: pa.ChunkedArray) -> pa.Array:
    """Mask of the values that no earlier row has."""
    _, first = np.unique(values.to_numpy(), return_index=True)
    return pa.array(np.isin(np.arange(len(values)), first))


def _must_hold(entry: pa.Table, mask: pa.ChunkedArray | pa.Array, code: str) -> None:
    broken = entry.filter(pc.invert(mask))
    if len(broken):
        raise InvariantError(what=both(code), row=broken["entry_id"][0].as_py())


def _legs(entry: pa.Table, debit: str, credit: str, sign: int) -> list[pa.Table]:
    """Return both sides of entries as rows of (account, unit, counters)."""
    amount = pc.multiply(entry["amount"], sign)
    nothing = pa.chunked_array([pa.array([0] * len(entry), pa.int64())])
    return [
        pa.table(
            {
                "account_id": entry[side],
                "unit": entry["unit"],
                **{c: amount if c == counter else nothing for c in COUNTERS},
            }
        )
        for side, counter in (("debit", debit), ("credit", credit))
    ]
