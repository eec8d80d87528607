"""The invoice-drop signal against a plain loop over invoices."""

import json
from datetime import date, timedelta
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liandong as ld
from liandong.errors import DataError, UsageError
from liandong.kernels.statistics.blocks import median_of_last
from liandong.schema.arrow import build
from liandong.step.local import run_step
from liandong.step.reasons import reason_text
from liandong.watch import InvoiceDropRule, invoice_drop

DAY = date(2020, 2, 28)
RULE = InvoiceDropRule(as_of=DAY)


def invoices(rows):
    """Rows are (seller, days before DAY, net, status)."""
    return build("invoice", {
        "invoice_id": [f"I{i}" for i in range(len(rows))], "seller": [r[0] for r in rows],
        "buyer": ["B"] * len(rows), "date": [DAY - timedelta(days=r[1]) for r in rows],
        "net": [r[2] for r in rows], "tax": [0] * len(rows), "status": [r[3] for r in rows],
    })  # fmt: skip


def parties(*ids, valid_to=None):
    return build("party", {
        "party_id": list(ids), "kind": ["firm"] * len(ids), "valid_to": [valid_to] * len(ids),
    })  # fmt: skip


def steady(seller, latest, blocks=13, usual=100_000):
    """One invoice a block: ``usual`` in the earlier ones, ``latest`` in the last."""
    return [(seller, 30 * k, usual if k else latest, "valid") for k in range(blocks)]


@pytest.mark.parametrize(
    ("latest", "level"),
    [(50_000, None), (49_999, "yellow"), (29_999, "orange"), (9_999, "red"), (-1, "red")],
)
def test_levels_are_reached_below_their_threshold(latest, level):
    warning = invoice_drop(invoices(steady("F", latest)), parties("F"), rule=RULE)["warning"]
    assert warning["level"].to_pylist() == ([level] if level else [])
    if level:
        row = warning.to_pylist()[0]
        evidence = json.loads(row["evidence"])
        assert evidence["blocks"] == [100_000] * 11 + [latest]
        assert (evidence["median"], row["value"]) == (100_000, latest / 100_000)
        assert f"{latest // 1000}%" in reason_text(**row["reasons"][0], lang="zh")


def test_red_letters_count_and_void_invoices_do_not():
    rows = [*steady("F", 60_000), ("F", 3, -20_000, "red"), ("F", 2, 90_000, "void")]
    warning = invoice_drop(invoices(rows), parties("F"), rule=RULE)["warning"]
    assert warning["value"].to_pylist() == [0.4]


def test_young_unknown_closed_and_future_are_not_judged():
    young, old = steady("F", 0, blocks=7), steady("F", 0, blocks=8)
    assert len(invoice_drop(invoices(young), parties("F"), rule=RULE)["warning"]) == 0
    assert len(invoice_drop(invoices(old), parties("F"), rule=RULE)["warning"]) == 1
    assert len(invoice_drop(invoices(old), parties("G"), rule=RULE)["warning"]) == 0
    closed = parties("F", valid_to=DAY - timedelta(days=1))
    assert len(invoice_drop(invoices(old), closed, rule=RULE)["warning"]) == 0
    later = [*old, ("F", -1, 10**9, "valid")]
    assert len(invoice_drop(invoices(later), parties("F"), rule=RULE)["warning"]) == 1


def test_levels_out_of_order_or_of_bounds_are_refused():
    with pytest.raises(UsageError, match="graver"):
        InvoiceDropRule.make(as_of=DAY, red="60%")
    for level, share in (("red", "-1%"), ("yellow", "101%")):
        with pytest.raises(UsageError, match=level):
            InvoiceDropRule.make(as_of=DAY, **{level: share})


def test_amounts_whose_sum_could_wrap_are_refused():
    huge = {"invoice": invoices(steady("F", 1, usual=2**60)), "party": parties("F")}
    for parts in (1, 7):
        with pytest.raises(DataError, match="all amounts together"):
            run_step(invoice_drop, huge, RULE, parts)


def test_running_again_replaces_the_warnings_of_the_day(tmp_path):
    with ld.open(tmp_path / "w.board", actor="tester") as board:
        board.put("invoices", {"invoice": invoices(steady("F", 20_000)), "party": parties("F")})
        board.run(invoice_drop, as_of=DAY)
        assert board.table("warning").rows()[0]["level"] == "orange"
        board.run(invoice_drop, as_of=DAY, orange="15%")
        (row,) = board.table("warning").rows()
        assert row["level"] == "yellow"
        corrected = {"invoice": invoices(steady("F", 9_000)), "party": parties("F")}
        board.put("invoices", corrected)
        run = board.run(invoice_drop, as_of=DAY)
        (row,) = board.table("warning").rows()
        assert row["level"] == "red"
        why = board.table("warning").why(rule=row["rule"], subject_id="F", at=row["at"])
        assert why.run.run_id == run.run_id
        board.run(invoice_drop, as_of=DAY - timedelta(days=30))
        assert len(board.table("warning")) == 1


def judged_by_loop(rows, firms):
    """Return {firm: (latest, median)} of warnings, the slow way."""
    found = {}
    for firm in firms:
        own = [(r[1] // 30, r[2]) for r in rows if r[0] == firm and r[1] >= 0 and r[3] != "void"]
        whole = min(max((b for b, _ in own), default=0) - 1, 12)
        sums = [sum(n for b, n in own if b == k) for k in range(13)]
        usual = int(median(sums[1 : whole + 1]) // 1) if whole >= 6 else 0
        if usual > 0 and sums[0] / usual < 0.5:
            found[firm] = (sums[0], usual)
    return found


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["F", "G", "H"]),
        st.integers(-40, 500),
        st.integers(-50, 100),
        st.sampled_from(["valid", "valid", "void", "red"]),
    ),
    max_size=120,
)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.randoms())
def test_equals_the_loop_whatever_the_order_and_parts(rows, random):
    first = run_step(invoice_drop, {"invoice": invoices(rows), "party": parties("F", "G")}, RULE, 1)
    got = {r["subject_id"]: json.loads(r["evidence"]) for r in first["warning"].to_pylist()}
    want = judged_by_loop(rows, ["F", "G"])
    assert {f: (e["blocks"][-1], e["median"]) for f, e in got.items()} == want
    random.shuffle(rows)
    shuffled = {"invoice": invoices(rows), "party": parties("G", "F")}
    assert all(run_step(invoice_drop, shuffled, RULE, n) == first for n in (2, 7))


BIG = st.integers(-(2**62), 2**62)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(BIG, min_size=5, max_size=5), max_size=6), st.data())
def test_median_of_last_equals_the_exact_median(values, data):
    have = data.draw(st.lists(st.integers(0, 5), min_size=len(values), max_size=len(values)))
    got = median_of_last(
        np.array(values, np.int64).reshape(len(values), 5), np.array(have, np.int64)
    )
    for row, n, found in zip(values, have, got.tolist(), strict=True):
        ordered = sorted(row[5 - n :])
        want = (ordered[(n - 1) // 2] + ordered[n // 2]) // 2 if n else 0
        assert found == want
