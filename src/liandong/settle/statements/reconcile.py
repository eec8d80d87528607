"""Reconciling: which lines of a bank and which entries are the same payments, and what is left."""

from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.errors import DataError
from liandong.settle.statements.legs import legs
from liandong.settle.statements.states import CROWD, OTHER_ACCOUNT, OTHER_AMOUNT, SEVERAL, TAKEN
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.step.totals import must_fit, size
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.settle.statements.pairing import Found

Mask = NDArray[np.bool_]
Int = NDArray[np.int64]
METHODS = pa.array(["reference", "amount", "sum"])
_COPY = ("account_id", "amount", "day", "ref", "text")
_BOOKED_TWICE = ("account_id", "other_id", "amount", "day")
"""What a copy has in common with a line that is paired."""


class ReconcileRule(Rule):
    """What counts as the same payment.

    Attributes
    ----------
    incoming
        Side of an account in the books on which money is that comes in to its owner: credit in the
        books of a bank, which owes its deposits; debit in those of the owner.
    early, late
        Days that a bank's line may be before its entry, or after it.
    most
        Lines of the other side that one line may be the sum of.
    crowd
        Open lines of an account in the window of days at most; among more, sums are not looked for.
    """

    incoming: Literal["credit", "debit"] = "credit"
    early: int = Field(1, ge=0, le=366)
    late: int = Field(5, ge=0, le=366)
    most: int = Field(4, ge=1, le=8)
    crowd: int = Field(40, ge=1, le=200)


@fold(
    reads=("bank_line", "account", "entry"),
    writes=("bank_match", "bank_open", "bank_difference"),
    rule=ReconcileRule,
    needs={"bank_line": "load"},
)
def reconcile(tables: Tables, rule: ReconcileRule) -> Tables:
    """Say which lines of a bank are which entries, and why the others are not.

    In this order:

    1. A line whose ``ref`` is the id of an entry on its account, of its amount.
    2. A line and an entry of the same account and amount whose days fit; as many as can be paired.
    3. A line that two to ``most`` entries add up to, and an entry that as many lines add up to, if
       there is one way only.

    Nothing is paired by guess: what several sums fit stays open, and says so. A line or an entry
    that stays open although one that is alike was paired is named a duplicate. Entries count from
    the first day of an account's lines to the last. The difference of an account between bank and
    books is what is open at the bank less what is open in the books.

    Raises
    ------
    DataError
        If a line names no account, or another unit than its account has, or amounts are too large.
    """
    # Compiled code takes a second to load.
    from liandong.settle.statements.pairing import find

    bank = tables["bank_line"].combine_chunks()
    must_fit(size(bank["amount"], tables["entry"]["amount"]), "bank_line")
    span = _spans(bank, tables["account"])
    books, inside = _books(legs(tables["entry"], span["account_id"]), span, rule)
    found = find(bank, books, span["account_id"], rule)
    counted = inside | found.paired(len(books))[1]
    return {
        **output("bank_match", **_matched(bank, books, found)),
        **_open(bank, books, counted, found),
        **output("bank_difference", **_differences(bank, books, counted, found, span)),
    }


def _spans(bank: pa.Table, account: pa.Table) -> pa.Table:
    """Return the accounts that lines name, with owner, unit, first and last day."""
    at = pc.index_in(bank["account_id"], value_set=account["account_id"].combine_chunks())
    unit = account["unit"].take(at)
    _must_hold(bank, pc.is_valid(at), "fault.line_account", "advice.line_account")
    _must_hold(bank, pc.equal(bank["unit"], unit), "fault.line_unit", "advice.line_unit")
    _must_hold(bank, pc.not_equal(bank["amount"], 0), "fault.line_zero", "advice.line_zero")
    found = bank.group_by(["account_id", "unit"], use_threads=False).aggregate(
        [("day", "min"), ("day", "max"), ("line_id", "count"), ("amount", "sum")]
    )
    known = pc.index_in(found["account_id"], value_set=account["account_id"].combine_chunks())
    return found.append_column("owner_id", account["owner_id"].take(known)).combine_chunks()


def _must_hold(bank: pa.Table, mask: pa.ChunkedArray, what: str, remedy: str) -> None:
    wrong = bank.filter(pc.invert(mask))
    if len(wrong):
        first = pc.min(wrong["line_id"]).as_py()
        line = wrong.filter(pc.equal(wrong["line_id"], first)).to_pylist()[0]
        raise DataError(file="bank_line", what=both(what, **line), remedy=both(remedy, **line))


def _books(found: pa.Table, span: pa.Table, rule: ReconcileRule) -> tuple[pa.Table, Mask]:
    """Return the lines of the books that can be meant, and which are of the bank's own days."""
    at = pc.index_in(found["account_id"], value_set=span["account_id"])
    day = found["day"].cast(pa.int32()).to_numpy()
    first, last = (span[f"day_{f}"].take(at).cast(pa.int32()).to_numpy() for f in ("min", "max"))
    near = (day >= first - rule.late) & (day <= last + rule.early)
    inside = (day >= first) & (day <= last)
    found = found.filter(pa.array(near)).combine_chunks()
    if rule.incoming == "credit":
        at = found.column_names.index("amount")
        found = found.set_column(at, "amount", pc.negate(found["amount"]))
    return found, inside[near]


def _matched(bank: pa.Table, books: pa.Table, found: "Found") -> dict[str, object]:
    line, entry = (pa.array(x) for x in (found.line, found.entry))
    days = _days(bank)[found.line] - _days(books)[found.entry]
    amounts = [t["amount"].to_numpy()[x] for t, x in ((bank, found.line), (books, found.entry))]
    smaller = np.where(np.abs(amounts[0]) <= np.abs(amounts[1]), *amounts)
    return {
        "line_id": bank["line_id"].take(line), "account_id": bank["account_id"].take(line),
        "entry_id": books["entry_id"].take(entry), "amount": smaller, "days": days,
        "method": METHODS.take(pa.array(found.method)), "choices": found.choices,
    }  # fmt: skip


def _days(lines: pa.Table) -> NDArray[np.int32]:
    days: NDArray[np.int32] = lines["day"].cast(pa.int32()).to_numpy()
    return days


def _open(bank: pa.Table, books: pa.Table, counted: Mask, found: "Found") -> Tables:
    """Return what is not paired, and why."""
    paired = found.paired(len(books))
    left = [np.flatnonzero(~paired[0]), np.flatnonzero(counted & ~paired[1])]
    why = [Reasons(len(rows)) for rows in left]
    for side, (lines, keys) in enumerate(((bank, _COPY), (books, _BOOKED_TWICE))):
        state = found.state[side][left[side]]
        twice = _alike(lines, left[side], np.flatnonzero(paired[side]), keys)
        for code, here in (
            ("settle.twice", twice | (state == TAKEN)),
            ("settle.other_amount", state == OTHER_AMOUNT),
            ("settle.other_account", state == OTHER_ACCOUNT),
            ("settle.several_sums", state == SEVERAL),
            ("settle.crowded", state == CROWD),
        ):
            why[side].add(code, 0, here & ~why[side].any())
        why[side].add("settle.no_counterpart", 0, ~why[side].any())
    rows = [
        output(
            "bank_open",
            side=pa.repeat(side, len(at)), item_id=lines[name].take(pa.array(at)),
            **{n: lines[n].take(pa.array(at)) for n in ("account_id", "day", "amount")},
            reasons=reasons.column(),
        )["bank_open"]
        for side, name, lines, at, reasons in zip(
            ("bank", "books"), ("line_id", "entry_id"), (bank, books), left, why, strict=True
        )
    ]  # fmt: skip
    return {"bank_open": pa.concat_tables(rows)}


def _alike(lines: pa.Table, left: Int, paired: Int, keys: tuple[str, ...]) -> Mask:
    """Tell which of the lines that are left equal a paired one in all of some columns."""
    amounts = lines["amount"].to_numpy()
    near = paired[np.isin(amounts[paired], amounts[left])]
    mine, theirs = (_keyed(lines, rows, keys) for rows in (left, near))
    found = mine.join(theirs.drop_columns("row"), list(keys), join_type="left semi")
    alike = np.zeros(len(left), bool)
    alike[found["row"].to_numpy()] = True
    return alike


def _keyed(lines: pa.Table, rows: Int, keys: tuple[str, ...]) -> pa.Table:
    """Return keys of rows, absent ones as empty: a join finds no nulls."""
    taken = lines.select(list(keys)).take(pa.array(rows))
    filled = {k: pc.fill_null(taken[k], "") if pa.types.is_string(taken[k].type) else taken[k]
              for k in keys}  # fmt: skip
    return pa.table({**filled, "row": pa.array(np.arange(len(rows)))})


def _differences(
    bank: pa.Table, books: pa.Table, counted: Mask, found: "Found", span: pa.Table
) -> dict[str, object]:
    paired, own = found.paired(len(books)), span["account_id"]
    of = [pc.index_in(t["account_id"], value_set=own).to_numpy() for t in (bank, books)]
    amount = [t["amount"].to_numpy() for t in (bank, books)]

    def total(side: int, which: Mask) -> Int:
        sums = np.zeros(len(span), np.int64)
        np.add.at(sums, of[side][which], amount[side][which])
        return sums

    def count(side: int, which: Mask) -> Int:
        return np.bincount(of[side][which], minlength=len(span))

    opened = total(0, ~paired[0]), total(1, counted & ~paired[1])
    by_books = total(1, counted)
    return {
        "account_id": own, "owner_id": span["owner_id"], "unit": span["unit"],
        "lines": span["line_id_count"], "entries": count(1, counted),
        "matched": count(0, paired[0]), "bank": span["amount_sum"], "books": by_books,
        "bank_open": opened[0], "books_open": opened[1],
        "difference": span["amount_sum"].to_numpy() - by_books,
    }  # fmt: skip
