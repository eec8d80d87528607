"""Fingerprints of invoices: equal for the same invoice whoever holds it under whatever id."""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Int = NDArray[np.int64]

PRINTS = ("fingerprint", "number_print", "content_print")
_BETWEEN = "\x1f"
_LEAST_DIGITS = 8


def numbers(invoice_id: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the number in each id: the first eight or more digits in a row, as tax offices print.

    Ids without such digits are their own number, in capitals, with letters and digits only.

    Examples
    --------
    >>> numbers(pa.chunked_array([["bank-24312000000012345678/2", "No 17-b"]])).to_pylist()
    ['24312000000012345678', 'NO17B']
    """
    found = pc.extract_regex(invoice_id, f"(?P<n>[0-9]{{{_LEAST_DIGITS},}})")
    plain = pc.replace_substring_regex(pc.utf8_upper(invoice_id), r"[^0-9A-Z]", "")
    return pc.coalesce(pc.struct_field(found, "n"), plain)


def with_prints(invoice: pa.Table, party: pa.Table) -> pa.Table:
    """Return invoices with their number and three fingerprints, SHA-256 in hex.

    ``fingerprint`` is of all that makes an invoice: number, seller, buyer, date, net amount and
    tax. ``number_print`` is of number and seller alone, ``content_print`` of all but the number:
    two invoices that agree in one of them and not in the first have been altered, or look like it.
    Sellers and buyers count by their credit codes, or by their ids where none is known.

    Parameters
    ----------
    invoice
        With the columns of the table ``invoice``.
    party
        The table.
    """
    coded = party.filter(pc.is_valid(party["credit_code"]))
    who = {}
    for side in ("seller", "buyer"):
        at = pc.index_in(invoice[side], value_set=coded["party_id"])
        who[side] = pc.coalesce(coded["credit_code"].take(at), invoice[side])
    number = numbers(invoice["invoice_id"])
    content = [
        *who.values(),
        *(pc.cast(invoice[name], pa.string()) for name in ("date", "net", "tax")),
    ]
    found = {
        "fingerprint": _hashed("invoice", number, *content),
        "number_print": _hashed("number", number, who["seller"]),
        "content_print": _hashed("content", *content),
    }
    out = invoice.append_column("number", number)
    for name, column in found.items():
        out = out.append_column(name, column)
    return out


def _hashed(what: str, *columns: pa.ChunkedArray) -> pa.Array:
    joined = pc.binary_join_element_wise(what, *columns, _BETWEEN).cast(pa.binary())
    sha = hashlib.sha256
    return pa.array([sha(text).hexdigest() for text in joined.to_pylist()], pa.string())


def one_off(content: pa.Array, number: pa.Array) -> Int:
    """Return for each invoice another one of the same content whose number differs in one place.

    Parameters
    ----------
    content, number
        Content fingerprints and numbers.

    Returns
    -------
    numpy.ndarray
        Row of the first such other one; -1 where there is none. Each place is blanked in turn, so
        the work is proportional to the number of invoices, however many are alike.

    Examples
    --------
    >>> one_off(pa.array(["a", "a", "a", "b"]), pa.array(["170", "171", "270", "172"])).tolist()
    [1, 0, 0, -1]
    """
    none = len(number)
    other = np.full(none, none)
    counts = pc.value_counts(content)
    often = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    rows = np.flatnonzero(pc.is_in(content, value_set=often).to_numpy(zero_copy_only=False))
    alike, texts = content.take(pa.array(rows)), number.take(pa.array(rows))
    sizes = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
    for place in range(int(sizes.max(initial=0))):
        here = np.flatnonzero(sizes > place)
        word = texts.take(pa.array(here))
        blank = pc.utf8_replace_slice(word, place, place + 1, "*")
        key = pc.binary_join_element_wise(alike.take(pa.array(here)), blank, _BETWEEN)
        found = first_other(key, word)
        some = found >= 0
        other[rows[here[some]]] = np.minimum(other[rows[here[some]]], rows[here[found[some]]])
    return np.where(other < none, other, -1)


def first_other(key: pa.Array, text: pa.Array) -> Int:
    """Return for each row the first row of the same key with another text; -1 if there is none.

    Examples
    --------
    >>> first_other(pa.array(["a", "a", "b", "a"]), pa.array(["x", "x", "y", "z"])).tolist()
    [3, 3, -1, 0]
    """
    group, word = (c.dictionary_encode().indices.to_numpy() for c in (key, text))
    row, none = np.arange(len(group)), len(group)
    first = np.full(group.max(initial=-1) + 1, none)
    np.minimum.at(first, group, row)
    differs = word != word[first[group]]
    second = np.full(len(first), none)
    np.minimum.at(second, group[differs], row[differs])
    found = np.where(differs, first[group], second[group])
    return np.where(found < none, found, -1)
