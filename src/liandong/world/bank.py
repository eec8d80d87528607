"""Lines of a bank about entries of a ledger, with what goes wrong in practice."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from liandong.schema.arrow import build

CLASSES = ("deposits:", "income:")
"""Accounts that a bank keeps."""
KINDS = (("named", 0.80), ("plain", 0.10), ("parts", 0.03), ("twice", 0.02), ("other", 0.02),
         ("absent", 0.03))  # fmt: skip
"""What becomes of a payment, and how often: told with its reference or without, paid in two parts,
there twice, of another amount, not there."""
LATEST = 3
"""Days that a bank is late at most."""
FEE = 25_00
"""Fen that the bank takes once for each account of income."""
Row = dict[str, Any]


def bank_lines(entry: pa.Table, seed: int) -> pa.Table:
    """Return ``bank_line`` for payments in yuan on accounts that a bank keeps.

    What moves on an account of income on one day on one side is one line. Money in is a credit, as
    in the books of a bank.

    Parameters
    ----------
    entry
        Rows of the ledger.
    """
    rng, rows = np.random.default_rng(seed), list[Row]()
    names, shares = zip(*KINDS, strict=True)
    for (account, day, _), parts in sorted(_payments(entry).items()):
        amount, ref = sum(a for _, a in parts), parts[0][0] if len(parts) == 1 else None
        kind = names[rng.choice(len(names), p=shares)] if ref else "plain"
        late = day + timedelta(days=int(rng.integers(LATEST + 1)))
        rows += [_line(account, late, x, ref if kind in {"named", "twice", "other"} else None)
                 for x in _amounts(kind, amount)]  # fmt: skip
    last = {r["account_id"]: r["day"] for r in rows if not r["account_id"].startswith(CLASSES[0])}
    rows += [_line(account, day, -FEE, None, "账户管理费") for account, day in last.items()]
    for number, row in enumerate(rows, 1):
        row["line_id"] = f"BL{number:06}"
    return build("bank_line", {n: [r[n] for r in rows] for n in (*_FIELDS, "line_id")})


_FIELDS = ("account_id", "day", "amount", "unit", "ref", "text")


def _payments(entry: pa.Table) -> dict[tuple[str, date, bool], list[tuple[str, int]]]:
    """Return entries by account, day and side: each by its id and what it pays in."""
    found = defaultdict(list)
    for e in entry.to_pylist():
        for side, sign in (("credit", 1), ("debit", -1)):
            owner = e[side].split(":")[1]
            kept = e[side].startswith(CLASSES) and owner != e["agreement"]
            if e["unit"] == "CNY" and e["phase"] in {"posted", "post"} and kept:
                alone = e["entry_id"] if e[side].startswith("deposits:") else ""
                key = (e[side] + "\0" + alone, e["event_time"], sign > 0)
                found[key].append((e["entry_id"], sign * e["amount"]))
    return found


def _amounts(kind: str, amount: int) -> list[int]:
    match kind:
        case "parts":
            return [amount // 3, amount - amount // 3]
        case "twice":
            return [amount, amount]
        case "other":
            return [amount + (1_00 if amount > 0 else -1_00)]
        case "absent":
            return []
    return [amount]


def _line(account: str, day: date, amount: int, ref: str | None, text: str = "转账") -> Row:
    return {"account_id": account.partition("\0")[0], "day": day, "amount": amount, "unit": "CNY",
            "ref": ref, "text": text}  # fmt: skip
