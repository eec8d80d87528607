"""What a validation leaves: rows that may be believed, where they stood, and the refused ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import build, empty
from liandong.schema.tables import table
from liandong.texts import text

MAX_ERRORS_A_CHECK = 10_000
"""A file that is wrong everywhere is reported, not copied: rows beyond this are only counted."""
_ORIGIN = pa.schema([("file", pa.dictionary(pa.int32(), pa.string())), ("row", pa.int64())])
_ERROR_KEY = list(table("load_error").key)


@dataclass(frozen=True)
class Checked:
    """The outcome of a validation.

    Attributes
    ----------
    name
        Name of the table.
    good
        Rows in the schema of the table.
    origin
        File and row of each good row.
    errors
        Rows of ``load_error``.
    bad_rows
        How many rows were refused (a row may have several errors).
    """

    name: str
    good: pa.Table
    origin: pa.Table
    errors: pa.Table
    bad_rows: int

    def refuse(self, mask: pa.ChunkedArray, code: str) -> "Checked":
        """Return the rest without the good rows of ``mask``, whose keys are at fault."""
        key = table(self.name).key
        found = refused(self.origin, mask, [self.good[k] for k in key], "+".join(key), code)
        kept = pc.invert(mask)
        return Checked(
            self.name, self.good.filter(kept), self.origin.filter(kept),
            gather([self.errors, found]), self.bad_rows + pc.sum(mask).as_py(),
        )  # fmt: skip

    def with_errors(self, errors: pa.Table, rows: int) -> "Checked":
        """Add ``load_error`` rows about ``rows`` rows that were refused before this."""
        return replace(self, errors=gather([self.errors, errors]), bad_rows=self.bad_rows + rows)

    def without_repeats(self) -> "Checked":
        """Refuse rows that repeat the key of an earlier good row."""
        key = list(table(self.name).key)
        keys = self.good.select(key).append_column("_row", _numbers(len(self.good)))
        first = keys.group_by(key, use_threads=False).aggregate([("_row", "min")])["_row_min"]
        if len(first) == len(keys):
            return self
        return self.refuse(_mask(len(keys), first, inside=False), "duplicate")

    def without_known(self, known: pa.Table) -> tuple["Checked", int]:
        """Refuse rows whose key is in ``known`` with other content; leave out exact copies.

        Returns
        -------
        tuple
            The rest, and how many rows were left out because ``known`` has them already.
        """
        key = list(table(self.name).key)
        met = _met(self.good.select(key), known.select(key))
        if not len(met):
            return self, 0
        plain = [f.name for f in self.good.schema if not pa.types.is_nested(f.type)]
        copies = _met(self.good.select(plain), known.select(plain))
        kept = _mask(len(self.good), copies, inside=False)
        rest = replace(self, good=self.good.filter(kept), origin=self.origin.filter(kept))
        clash = _mask(len(self.good), met).filter(kept)
        found = rest.refuse(clash, "duplicate_elsewhere") if pc.any(clash).as_py() else rest
        return found, len(copies)


def merge(name: str, parts: Sequence[Checked]) -> Checked:
    """Put outcomes (one or more) of one table together, in order; keys may repeat among them."""
    return Checked(
        name,
        pa.concat_tables([p.good for p in parts]),
        pa.concat_tables([p.origin for p in parts]).unify_dictionaries(),
        gather([p.errors for p in parts]),
        sum(p.bad_rows for p in parts),
    )


def origin_of(file: str, rows: pa.Array) -> pa.Table:
    """Return the origin of rows of one file by their numbers in it."""
    files = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), len(rows)), [file])
    return pa.table([files, rows], schema=_ORIGIN)


def refused(
    origin: pa.Table,
    mask: pa.ChunkedArray,
    values: Sequence[pa.ChunkedArray],
    field: str,
    code: str,
) -> pa.Table:
    """Return the ``load_error`` rows for the rows of ``mask``.

    Parameters
    ----------
    origin, mask, values
        Of the same rows: where each stood, whether it is wrong, and what it held.
    field, code
        What is wrong, and how: the texts are ``check.<code>`` and ``remedy.<code>``.
    """
    wrong = pc.indices_nonzero(mask)
    shown = wrong[:MAX_ERRORS_A_CHECK]
    told = [
        " / ".join(str(v) for v in row if v is not None)
        for row in zip(*(v.take(shown).to_pylist() for v in values), strict=True)
    ]
    found = _error_rows(origin.take(shown), field, told, code)
    if len(wrong) == len(shown):
        return found
    rest = origin.take(wrong[len(shown) : len(shown) + 1])
    count = str(len(wrong) - len(shown))
    return pa.concat_tables([found, _error_rows(rest, field, [count], "more_like_this")])


def _error_rows(origin: pa.Table, field: str, values: list[str], code: str) -> pa.Table:
    texts = {
        f"{group}_{lang}": [text(f"{kind}.{code}", lang, value=v, field=field) for v in values]
        for group, kind in (("reason", "check"), ("remedy", "remedy"))
        for lang in ("zh", "en")
    }
    return build("load_error", {
        "file": pc.cast(origin["file"], pa.string()), "row": origin["row"],
        "field": [field] * len(values), "value": [v[:200] or None for v in values],
        "code": [code] * len(values), **texts,
    })  # fmt: skip


def gather(errors: Sequence[pa.Table]) -> pa.Table:
    """Put ``load_error`` rows together in order of their key, each fault once."""
    rows = pa.concat_tables([empty("load_error"), *errors])
    if not len(rows):
        return rows
    keys = rows.select(_ERROR_KEY).append_column("_row", _numbers(len(rows)))
    first = keys.group_by(_ERROR_KEY, use_threads=False).aggregate([("_row", "min")])["_row_min"]
    return rows.take(first).sort_by([(k, "ascending") for k in _ERROR_KEY])


def _numbers(rows: int) -> pa.Array:
    return pa.array(np.arange(rows))


def _mask(rows: int, numbers: pa.ChunkedArray, *, inside: bool = True) -> pa.ChunkedArray:
    """Return a mask that is ``inside`` at the rows ``numbers`` and the opposite elsewhere."""
    mask = np.full(rows, not inside)
    mask[numbers.to_numpy()] = inside
    return pa.chunked_array([mask])


def _met(mine: pa.Table, known: pa.Table) -> pa.ChunkedArray:
    """Return the numbers of the rows of ``mine``, each there once, that are in ``known`` too."""
    numbered = [
        mine.append_column("_row", _numbers(len(mine))),
        known.append_column("_row", pa.repeat(pa.scalar(-1, pa.int64()), len(known))),
    ]
    pairs = pa.concat_tables(numbered).group_by(mine.column_names, use_threads=False)
    found = pairs.aggregate([("_row", "min"), ("_row", "max")])
    both = pc.and_(pc.less(found["_row_min"], 0), pc.greater_equal(found["_row_max"], 0))
    return found["_row_max"].filter(both)
