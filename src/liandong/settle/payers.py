"""Who pays out a loan: the lender of its product, or several, each his contribution."""

from collections import defaultdict
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import ConflictError, DataError
from liandong.step import Tables
from liandong.texts import both
from liandong.types import stable_id


def payments(paid: pa.Table, lender: pa.ChunkedArray, tables: Tables, day: date) -> pa.Table:
    """Return what each lender pays of each offer: ``row`` of the offer, lender, amount and id.

    Parameters
    ----------
    paid
        Offers with an amount.
    lender
        The lender of the product of each.
    tables
        ``participation`` says which products have several lenders, ``contribution`` what each pays.

    Raises
    ------
    DataError
        If the contributions to an offer do not add up to it.
    """
    # A fund that has ended has no lender to fall back on; one that has not begun still has.
    begun = pc.less_equal(tables["participation"]["valid_from"], pa.scalar(day))
    several = tables["participation"].filter(begun)["product_id"]
    joint = pc.is_in(paid["product_id"], value_set=several)
    parts = _parts(tables["contribution"], day)
    found: dict[str, list[object]] = {n: [] for n in ("row", "lender_id", "amount", "entry_id")}
    keys = zip(paid["project_id"].to_pylist(), paid["product_id"].to_pylist(), strict=True)
    each = zip(keys, paid["amount"].to_pylist(), lender.to_pylist(), joint.to_pylist(), strict=True)
    for row, (key, amount, sole, many) in enumerate(each):
        lines = parts.get(key, []) if many else [(sole, amount)]
        if sum(part for _, part in lines) != amount:
            raise _unshared(*key)
        for who, part in lines:
            found["row"].append(row)
            found["lender_id"].append(who)
            found["amount"].append(part)
            found["entry_id"].append(stable_id("disburse", *key, *([who] if many else [])))
    types = {"row": pa.int64(), "amount": pa.int64()}
    return pa.table({n: pa.array(v, types.get(n, pa.string())) for n, v in found.items()})


def _parts(contribution: pa.Table, day: date) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """Return the contributions of the day above 0, by project and product."""
    mine = pc.and_(
        pc.equal(contribution["as_of"], pa.scalar(day)), pc.greater(contribution["amount"], 0)
    )
    found = defaultdict(list)
    for r in contribution.filter(mine).to_pylist():
        found[r["project_id"], r["product_id"]].append((r["lender_id"], r["amount"]))
    return found


def must_be_paid_alike(made: pa.Table, entry: pa.Table) -> None:
    """Refuse payments of a loan that has been paid out by others or in another way.

    Raises
    ------
    ConflictError
        If some of the entries that paid a loan out are not among those made now, or the reverse.
    """
    before = entry.filter(pc.is_in(entry["ref"], value_set=made["ref"]))
    # A payment of the loan lends to the account that is credited now; others are about it, too.
    keys = ["ref", "credit"]
    lent_to = made.select(keys).group_by(keys, use_threads=False).aggregate([])
    before = before.join(lent_to, keys, join_type="left semi", use_threads=False)
    before = before.filter(pc.starts_with(before["debit"], "loans:"))
    again = made.filter(pc.is_in(made["ref"], value_set=before["ref"]))
    for rows, others in ((before, again), (again, before)):
        strange = pc.invert(pc.is_in(rows["entry_id"], value_set=others["entry_id"]))
        refs = rows["ref"].filter(strange).to_pylist()
        if refs:
            raise ConflictError(table="entry", key=min(refs), field="debit")


def _unshared(project: str, product: str) -> DataError:
    return DataError(
        file="contribution",
        what=both("fault.contribution_missing", project=project, product=product),
        remedy=both("advice.run_first", step="match.syndicate"),
    )
