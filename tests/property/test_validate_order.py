"""The errors and the good keys depend neither on the order of rows nor on how files are cut."""

from collections import Counter

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.schema.checked import merge
from liandong.schema.validate import check_rows, validate

ROW = st.fixed_dictionaries(
    {
        "invoice_id": st.sampled_from(["a", "b", "c", "d", "", " a "]),
        "seller": st.sampled_from(["S", "", None]),
        "buyer": st.just("B"),
        "date": st.sampled_from(["2020-01-02", "2020/1/2", "1980-01-01", "x"]),
        "net": st.sampled_from(["1", "-1", "1,000.5", "1.005", "x", None]),
        "tax": st.sampled_from(["0", "0.1"]),
        "status": st.sampled_from(["valid", "red", "paid"]),
        "ref": st.sampled_from([None, "a"]),
    }
)
NAMES = ["invoice_id", "seller", "buyer", "date", "net", "tax", "status", "ref"]


def table(rows):
    return pa.table({n: pa.array([r[n] for r in rows], pa.string()) for n in NAMES})


def told(checked):
    return Counter(
        (e["field"], (e["value"] or "").strip(), e["code"]) for e in checked.errors.to_pylist()
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=12), st.randoms(use_true_random=False))
def test_order_of_rows(rows, random) -> None:
    shuffled = random.sample(rows, len(rows))
    one, other = (validate("invoice", table(r), "f") for r in (rows, shuffled))
    assert told(one) == told(other)
    assert one.bad_rows == other.bad_rows
    assert sorted(one.good["invoice_id"].to_pylist()) == sorted(
        other.good["invoice_id"].to_pylist()
    )
    assert one.bad_rows + len(one.good) == len(rows)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=12), st.data())
def test_cut_into_pieces(rows, data) -> None:
    whole = validate("invoice", table(rows), "f", 2)
    cut = data.draw(st.integers(0, len(rows)))
    pieces = [
        check_rows("invoice", table(rows[:cut]), "f", 2),
        check_rows("invoice", table(rows[cut:]), "f", 2 + cut),
    ]
    joined = merge("invoice", pieces).without_repeats()
    assert joined.good.to_pylist() == whole.good.to_pylist()
    assert joined.errors.to_pylist() == whole.errors.to_pylist()
    assert joined.origin.to_pylist() == whole.origin.to_pylist()
