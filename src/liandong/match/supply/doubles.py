"""Invoices pledged in more than one place, found among boards that do not show each other them."""

import hmac
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import UsageError
from liandong.kernels.graphs.overlaps import earliest_overlap
from liandong.match.supply.prints import PRINTS, numbers, one_off
from liandong.texts import both

Int = NDArray[np.int64]

SIDE = ("board", "lender_id", "project_id", "invoice_id", "pledged_on", "released_on")
"""What is told of each of the two pledges."""
KINDS = ("same", "altered", "renumbered")
SEALED = (*PRINTS, "project_id", "lender_id", "pledged_on", "released_on", "key_id")
"""Columns of a sealed list of pledges."""
LEAST_KEY = 16


def seal(pledge: pa.Table, key: bytes) -> pa.Table:
    """Return pledges that can be compared with others and read by nobody.

    Each fingerprint becomes its HMAC-SHA256 (RFC 2104) under a key that all institutions share and
    nobody else has: without the key, invoices cannot be guessed and tried. The project becomes one,
    too, ids of invoices are left out, and the lender stays, since somebody must be asked.

    Parameters
    ----------
    pledge
        The table.
    key
        At least 16 bytes.

    Raises
    ------
    UsageError
        If the key is too short.
    """
    if len(key) < LEAST_KEY:
        what = both("fault.short_key", least=LEAST_KEY)
        raise UsageError(what=what, remedy=both("advice.pledge_key"))
    hidden = {
        name: [hmac.digest(key, text.encode(), "sha256").hex() for text in pledge[name].to_pylist()]
        for name in (*PRINTS, "project_id")
    }
    plain = {name: pledge[name] for name in ("lender_id", "pledged_on", "released_on")}
    key_id = pa.repeat(hmac.digest(key, b"key", "sha256").hex()[:16], len(pledge))
    found = {n: pa.array(v, pa.string()) for n, v in hidden.items()} | plain | {"key_id": key_id}
    rows = pa.table({name: found[name] for name in SEALED})
    return rows.sort_by([("fingerprint", "ascending"), ("project_id", "ascending")])


def double_pledges(boards: Mapping[str, pa.Table]) -> pa.Table:
    """Find invoices that are pledged more than once at the same time, and what looks like them.

    Parameters
    ----------
    boards
        The table ``pledge`` of each board by name, all plain or all sealed with one key.

    Returns
    -------
    pyarrow.Table
        One row a pair of pledges: ``kind``, and each of :data:`SIDE` with ``_a`` and ``_b``. Kind
        ``same``: one invoice in two places or under two ids. ``altered``: one number of a seller
        with two contents. ``renumbered``: one content with two numbers, of which one digit differs
        where numbers can be read; a suspicion only. A pledge that two boards know of, of one
        project to one lender on one day, is one pledge. Of several pledges of an invoice each is
        told with the earliest that it overlaps with.

    Raises
    ------
    UsageError
        If plain and sealed lists are mixed, or lists sealed with different keys.
    """
    sealed = _sealed(boards)
    rows = _gathered(boards)
    found = [_overlapping(rows, "fingerprint"), _overlapping(rows, "number_print", altered=True)]
    if sealed:
        found.append(_overlapping(rows, "content_print", altered=True))
    else:
        number = numbers(rows["invoice_id"]).combine_chunks()
        found.append(_at_once(rows, one_off(rows["content_print"].combine_chunks(), number)))
    return pa.concat_tables([_told(rows, k, o) for k, o in zip(KINDS, found, strict=True)])


def _sealed(boards: Mapping[str, pa.Table]) -> bool:
    """Tell whether the lists are sealed."""
    keys: set[str | None] = set()
    for table in boards.values():
        sealed = "key_id" in table.column_names
        keys.update(pc.unique(table["key_id"]).to_pylist() if sealed else [None])
    if len(keys) > 1:
        raise UsageError(what=both("fault.pledge_keys"), remedy=both("advice.pledge_key"))
    return keys != {None} and bool(keys)


def _gathered(boards: Mapping[str, pa.Table]) -> pa.Table:
    """Return all pledges with the name of their board, in a fixed order."""
    parts = []
    for name, table in boards.items():
        n = len(table)
        columns = {
            c: table[c] if c in table.column_names else pa.nulls(n, pa.string())
            for c in (*PRINTS, *SIDE[1:])
        }
        parts.append(pa.table({"board": pa.repeat(name, n), **columns}))
    days = ("pledged_on", "released_on")
    types = {n: pa.date32() if n in days else pa.string() for n in ("board", *PRINTS, *SIDE[1:])}
    rows = pa.concat_tables(
        [pa.schema(types.items()).empty_table(), *parts], promote_options="permissive"
    )
    # What sealing hides comes last: sealed lists then tell of the same pledges.
    order = ("pledged_on", "board", "lender_id", "project_id", "fingerprint", "invoice_id")
    return rows.sort_by([(n, "ascending") for n in order]).combine_chunks()


def _overlapping(rows: pa.Table, column: str, *, altered: bool = False) -> Int:
    """Return for each pledge the earliest other one with the same print; -1 where there is none."""
    thing = _code(rows[column])
    order = np.lexsort((np.arange(len(rows)), thing))
    same = _code(
        pc.binary_join_element_wise(
            rows["project_id"], rows["lender_id"], rows["pledged_on"].cast(pa.string()), "\x1f"
        )
    )
    version = _code(rows["fingerprint"]) if altered else np.full(len(rows), -1)
    begin, end = _span(rows)
    given = (thing, begin, end, same, _code(rows["board"]), version)
    found = earliest_overlap(*(a[order] for a in given))
    other = np.full(len(rows), -1)
    other[order] = np.where(found >= 0, order[found], -1)
    return other


def _at_once(rows: pa.Table, other: Int) -> Int:
    """Return the earlier of each pair of pledges that overlap in time, at the later one."""
    begin, end = _span(rows)
    row = np.flatnonzero(other >= 0)
    one, two = np.minimum(row, other[row]), np.maximum(row, other[row])
    meet = (end[one] > begin[two]) & (end[two] > begin[one])
    out = np.full(len(rows), -1)
    out[two[meet]] = one[meet]
    return out


def _span(rows: pa.Table) -> tuple[Int, Int]:
    days = (rows[n].cast(pa.int32()).cast(pa.int64()) for n in ("pledged_on", "released_on"))
    begin, end = (pc.fill_null(d, np.iinfo(np.int64).max).to_numpy() for d in days)
    return begin, end


def _code(column: pa.ChunkedArray) -> Int:
    coded = column.combine_chunks().dictionary_encode().indices
    return np.asarray(coded.to_numpy(zero_copy_only=False), np.int64)


def _told(rows: pa.Table, kind: str, other: Int) -> pa.Table:
    """Return the pairs as rows with both sides."""
    later = np.flatnonzero(other >= 0)
    sides = {"a": rows.take(pa.array(other[later])), "b": rows.take(pa.array(later))}
    columns = {f"{n}_{s}": side[n] for s, side in sides.items() for n in SIDE}
    return pa.table({"kind": pa.repeat(kind, len(later)), **columns})
