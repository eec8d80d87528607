"""Names as numbers, against a dict that does the same one by one."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.watch.windows import naming
from liandong.watch.windows.naming import Names

TEXTS = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["", "a", "b", "联动", "F1"]))
COLUMNS = st.lists(st.lists(TEXTS, max_size=40), max_size=6)


@settings(deadline=None)
@given(COLUMNS, st.data())
def test_as_a_dict_would(columns, data):
    names, twin = Names(), {}
    for column in columns:
        cut = data.draw(st.integers(0, len(column)))
        chunks = [
            pa.array(["x", *column[:cut]], pa.string())[1:],
            pa.array(column[cut:], pa.string()),
        ]
        found = names.column(pa.chunked_array(chunks)).tolist()
        assert found == [-1 if t is None else twin.setdefault(t, len(twin)) for t in column]
    assert len(names) == len(twin)


@pytest.mark.parametrize("part", [7, 1 << 16])
def test_many_names_in_parts(part, monkeypatch):
    monkeypatch.setattr(naming, "PART", part)
    names, many = Names(), [f"firm-{i % 9_000}" for i in range(20_000)]
    first = names.column(pa.chunked_array([many])).tolist()
    assert first == [i % 9_000 for i in range(20_000)]
    assert names.column(pa.chunked_array([many[::-1]])).tolist() == first[::-1]


def test_names_of_one_hash_are_told_apart(monkeypatch):
    from liandong.kernels.streams import naming as kernel

    monkeypatch.setattr(kernel, "hash_of", lambda *_: 5)
    for inner in ("_slot", "_same", "_one"):
        monkeypatch.setattr(kernel, inner, getattr(kernel, inner).py_func)
    monkeypatch.setattr(kernel, "prefetch", lambda *_: None)
    monkeypatch.setattr(naming, "number", kernel.number.py_func)
    names = Names()
    assert names.column(pa.chunked_array([["a", "b", "ab", "a", "b"]])).tolist() == [0, 1, 2, 0, 1]
