"""Entries seen from their accounts: one line for each side that money moved on."""

import pyarrow as pa
import pyarrow.compute as pc

from liandong.settle.ledger import MOVED


def legs(entry: pa.Table, accounts: pa.Array | None = None) -> pa.Table:
    """Return both sides of the entries that moved something.

    Parameters
    ----------
    entry
        Rows of table ``entry``.
    accounts
        Only the sides of these accounts; None means of all.

    Returns
    -------
    pyarrow.Table
        ``account_id``, ``other_id``, ``entry_id``, ``day``, ``unit``, ``debit`` (whether it is one;
        debits come first) and ``amount``, which is positive for a debit.
    """
    moved = entry.filter(pc.is_in(entry["phase"], value_set=MOVED))
    sides = [_side(moved, *names, accounts) for names in (("debit", "credit"), ("credit", "debit"))]
    return pa.concat_tables(sides)


def _side(moved: pa.Table, own: str, other: str, accounts: pa.Array | None) -> pa.Table:
    if accounts is not None:
        moved = moved.filter(pc.is_in(moved[own], value_set=accounts))
    amount = moved["amount"] if own == "debit" else pc.negate(moved["amount"])
    return pa.table(
        {
            "account_id": moved[own], "other_id": moved[other], "entry_id": moved["entry_id"],
            "day": moved["event_time"], "unit": moved["unit"], "amount": amount,
            "debit": pa.repeat(own == "debit", len(moved)),
        }
    )  # fmt: skip
