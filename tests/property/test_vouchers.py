"""Books of vouchers against a plain twin, against the queues of money, and as a step."""

from collections import Counter
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.money.queues import trace
from liandong.testing import check_step
from liandong.trace import vouchers
from support.vouchers import Twin, act_table, faults

PARTIES = ("C", "D", "S", "T", "B")


@st.composite
def acts(draw) -> list[str]:
    """Draw acts over few parties, vouchers and days: many cannot be, many can."""
    lines = [f"issue C>S {draw(st.integers(1, 60))} v=V0 day=1"]
    for n in range(2, draw(st.integers(2, 25))):
        kind = draw(st.sampled_from(
            ("issue", "split", "transfer", "transfer", "transfer", "discount", "settle", "cancel")
        ))  # fmt: skip
        ends = [draw(st.sampled_from(PARTIES if i else (*PARTIES, ""))) for i in (0, 1)]
        words = [kind, ">".join(ends), str(draw(st.integers(-1, 40))), f"day={n * 8}", "rate=50000"]
        named = draw(st.sampled_from(("v", "v", "lot", "both", "none")))
        if named in {"v", "both"} or kind == "issue":
            words.append(f"v=V{draw(st.integers(0, 3))}")
        if named in {"lot", "both"}:
            words.append(f"lot=a{draw(st.integers(1, n))}{draw(st.sampled_from(('', '#1', '#2')))}")
        if kind == "issue" or draw(st.integers(0, 5)) == 0:
            words.append(f"due=2024-0{draw(st.integers(4, 7))}-15")
        lines.append(" ".join(words))
    return lines


@settings(deadline=None)  # the first call compiles
@given(acts())
def test_it_is_what_a_plain_book_says(lines: list[str]) -> None:
    table = act_table(*lines)
    got, twin = vouchers(table), Twin(table.to_pylist())
    assert faults(got) == twin.fault
    found = {
        r["lot_id"]: (r["parent_id"], r["voucher_id"], r["holder_id"], r["amount"], r["left"])
        for r in got["voucher_lot"].to_pylist()
    }
    assert found == {
        n: (x["parent"], x["voucher"], x["holder"], x["amount"], x["left"])
        for n, x in twin.lots.items()
    }


@given(acts(), st.randoms(use_true_random=False))
def test_every_lot_leads_to_its_issue_and_nothing_is_lost(lines: list[str], random) -> None:
    order = random.sample(range(len(lines)), len(lines))
    got, other = vouchers(act_table(*lines)), vouchers(act_table(*lines, order=order))
    assert all(got[n].equals(other[n]) for n in got)
    lots = {r["lot_id"]: r for r in got["voucher_lot"].to_pylist()}
    moves = got["voucher_move"].to_pylist()
    for lot in lots.values():
        up, steps = lot, 0
        while up["parent_id"]:
            up, steps = lots[up["parent_id"]], steps + 1
        assert (steps, up["voucher_id"]) == (lot["depth"], lot["voucher_id"])
        out = sum(m["amount"] for m in moves if m["lot_id"] == lot["lot_id"])
        assert lot["amount"] == lot["left"] + out
    for m in moves:
        if m["child_id"]:
            assert lots[m["child_id"]]["parent_id"] == m["lot_id"]
            assert lots[m["child_id"]]["amount"] == m["amount"]


@settings(deadline=None)  # the first call compiles
@given(
    st.lists(
        st.tuples(st.sampled_from("STUW"), st.sampled_from("STUW"), st.integers(1, 80)),
        max_size=40,
    ),
    st.lists(st.integers(1, 60), min_size=1, max_size=6),
)
def test_unnamed_transfers_make_the_lots_that_money_makes(moves, issues) -> None:
    # The kernel that follows loans knows accounts and origins; here holders and vouchers.
    lines = [f"issue C>S {x} v=V{i} day=0 seq={i}" for i, x in enumerate(issues)]
    lines += [f"transfer {a}>{b} {x} day={n}" for n, (a, b, x) in enumerate(moves, 1)]
    got = vouchers(act_table(*lines))
    refused, names = faults(got), {n: i for i, n in enumerate("STUW")}
    rows = [(f"a{i + 1}", 4 + i, 0, x) for i, x in enumerate(issues)]
    rows += [
        (f"a{n}", names[a], names[b], x)
        for n, (a, b, x) in enumerate(moves, 1 + len(issues))
        if f"a{n}" not in refused
    ]
    src, dst = (np.array([r[k] for r in rows], np.int32) for k in (1, 2))
    amount = np.array([r[3] for r in rows], np.int64)
    opening, origin, facility = np.zeros((3, 4 + len(issues)), np.int64)
    opening[4:], origin[4:] = issues, np.arange(1, 1 + len(issues))
    money = trace(src, dst, amount, amount[:0], opening, origin, facility)
    assert not money.short.any()
    ids, many = {}, Counter()
    for k, i in enumerate(money.lots.flow.tolist()):
        if i >= 0:
            many[i] += 1
            ids[k] = f"{rows[i][0]}#{many[i]}"
    lots = zip(*(c.tolist() for c in money.lots), strict=True)
    wanted = {
        ids[k]: (ids.get(parent), f"V{of - 1}", "STUW"[account], fen, left)
        for k, (_, of, fen, left, parent, _, account) in enumerate(lots)
        if k in ids
    }
    assert wanted == {
        r["lot_id"]: (r["parent_id"], r["voucher_id"], r["holder_id"], r["amount"], r["left"])
        for r in got["voucher_lot"].to_pylist()
    }


def test_it_is_a_step() -> None:
    lines = [
        "issue C>S 100 v=V", "issue C>S 50 v=W", "transfer S>T 120",
        "discount T>B 40 v=V rate=40000", "transfer S>T 99", "settle C>T 10 v=W",
    ]  # fmt: skip
    table = act_table(*lines)
    check_step(vouchers, {"voucher_act": table})
    assert max(table["at"].to_pylist()) - min(table["at"].to_pylist()) == timedelta(days=5)
