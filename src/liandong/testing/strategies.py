"""Hypothesis strategies for valid tables of the schema (needs the ``test`` extra)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from liandong.schema.arrow import build
from liandong.schema.field import Field
from liandong.schema.tables import table
from liandong.types import CREDIT_CODE_ALPHABET, credit_code_digit

_IDS = st.text("ABCDEFGH0123456789", min_size=1, max_size=4)
_NUMBERS = {
    "money": (-1e12, 1e12),
    "rate": (0.0, 1e6),
    "int": (-1e9, 1e9),
    "float": (-1e9, 1e9),
}


def _dates(f: Field) -> st.SearchStrategy[date]:
    low = date.fromisoformat(str(f.low or "2015-01-01"))
    return st.dates(max(low, date(2015, 1, 1)), date(2030, 12, 31))


def _times(f: Field) -> st.SearchStrategy[datetime]:
    return _dates(f).map(lambda d: datetime(d.year, d.month, d.day, tzinfo=UTC))


def _codes(_: Field) -> st.SearchStrategy[str]:
    body = st.text(CREDIT_CODE_ALPHABET, min_size=17, max_size=17)
    return body.map(lambda b: b + credit_code_digit(b))


_JSON = {
    "": "{}", "object": "{}", "words": "{}", "texts": "[]", "numbers": "[]", "keys": "[]",
    "rows": '{"table": "party", "rows": []}',
}  # fmt: skip
_REASON = st.fixed_dictionaries({"code": _IDS, "points": st.integers(-99, 99)})
_KINDS: dict[str, Callable[[Field], st.SearchStrategy[Any]]] = {
    "date": _dates,
    "time": _times,
    "credit_code": _codes,
    "bool": lambda _: st.booleans(),
    "json": lambda f: st.just(_JSON[f.shape]),
    "region": lambda _: st.from_regex(r"[1-6][0-9]{5}", fullmatch=True),
    "industry": lambda _: st.from_regex(r"[A-T][0-9]{2}", fullmatch=True),
    "reasons": lambda _: st.lists(_REASON, min_size=1, max_size=3),
}


def _number(f: Field) -> st.SearchStrategy[Any]:
    low, high = _NUMBERS[f.kind]
    low = low if f.low is None else float(f.low)
    high = high if f.high is None else float(f.high)
    return st.floats(low, high) if f.kind == "float" else st.integers(int(low), int(high))


def values(f: Field) -> st.SearchStrategy[Any]:
    """Return a strategy of valid values of one field, None included where it may be absent."""
    found: st.SearchStrategy[Any] = _IDS
    if f.choices:
        found = st.sampled_from(f.choices)
    elif f.kind in _NUMBERS:
        found = _number(f)
    elif f.kind in _KINDS:
        found = _KINDS[f.kind](f)
    return st.none() | found if f.null else found


def tables(
    name: str, max_rows: int = 30, **fixed: st.SearchStrategy[Any]
) -> st.SearchStrategy[pa.Table]:
    """Return a strategy of tables ``name`` with valid fields and unique keys.

    Parameters
    ----------
    max_rows
        Rows at most.
    **fixed
        Strategies for some of the fields, where the default ones are too wide.
    """
    spec = table(name)
    columns = {f.name: fixed.get(f.name, values(f)) for f in spec.fields}
    rows = st.lists(
        st.fixed_dictionaries(columns),
        max_size=max_rows,
        unique_by=lambda r: tuple(r[k] for k in spec.key),
    )
    return rows.map(lambda found: build(name, {n: [r[n] for r in found] for n in columns}))
