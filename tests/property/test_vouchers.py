"""Books of vouchers against a plain twin, against the queues of money, and as a step."""

from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from liandong.kernels.fifo import trace

from liandong.testing import check_step
from liandong.trace import vouchers
from support.vouchers import Twin, act_table, faults, held

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


@given(st.lists(st.tuples(st.sampled_from("STUW"), st.sampled_from("STUW"), st.integers(1, 80)),
                max_size=40), st.lists(st.integers(1, 60), min_size=1, max_size=6))  # fmt: skip
def test_unnamed_transfers_are_the_queues_of_money(moves, issues) -> None:
    # The kernel that follows loans knows accounts and origins; here holders and vouchers.
    lines = [f"issue C>S {x} v=V{i} day=0 seq={i}" for i, x in enumerate(issues)]
    lines += [f"transfer {a}>{b} {x}" for a, b, x in moves]
    got = vouchers(act_table(*(w if "day=" in w else f"{w} day={n}" for n, w in enumerate(lines))))
    refused = faults(got)
    flows = [("S", i + 1, x) for i, x in enumerate(issues)]
    names, many = {n: i for i, n in enumerate("STUW")}, 4 + len(issues)
    rows = [(4 + i, 0, x) for i, (_, _, x) in enumerate(flows)]
    rows += [(names[a], names[b], x) for n, (a, b, x) in enumerate(moves, 1 + len(issues))
             if f"a{n}" not in refused]  # fmt: skip
    src, dst, amount = (np.ascontiguousarray(c) for c in np.array(rows, np.int64).T)
    opening, origin = np.zeros((2, many), np.int64)
    opening[4:], origin[4:] = issues, np.arange(1, many - 3)
    _, there, _, short = trace(src, dst, amount, amount[:0], opening, origin)
    assert not short.any()
    wanted = {(f"V{o - 1}", "STUW"[a]): x for a, o, x in there.tolist()}
    assert held(got) == wanted


def test_it_is_a_step() -> None:
    lines = [
        "issue C>S 100 v=V", "issue C>S 50 v=W", "transfer S>T 120",
        "discount T>B 40 v=V rate=40000", "transfer S>T 99", "settle C>T 10 v=W",
    ]  # fmt: skip
    table = act_table(*lines)
    check_step(vouchers, {"voucher_act": table})
    assert max(table["at"].to_pylist()) - min(table["at"].to_pylist()) == timedelta(days=5)
