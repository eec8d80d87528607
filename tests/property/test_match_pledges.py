"""Pledges held against each other: every double and no other, against a plain search."""

from datetime import timedelta
from itertools import combinations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.graphs.overlaps import earliest_overlap
from liandong.match.supply.doubles import double_pledges, seal
from liandong.match.supply.prints import first_other, one_off, with_prints
from liandong.schema.arrow import build, empty
from support.bills import invoices
from support.lending import DAY, WAN

PLEDGE = st.fixed_dictionaries({
    "board": st.sampled_from(["A", "B", "C"]),
    "number": st.sampled_from(["12345678", "12345679", "92345678", "55555555"]),
    "prefix": st.sampled_from(["", "x", "y-"]),
    "net": st.sampled_from([WAN, 2 * WAN]),
    "project_id": st.sampled_from(["R1", "R2", "R3"]),
    "lender_id": st.sampled_from(["L1", "L2"]),
    "from": st.integers(0, 5),
    "for": st.none() | st.integers(1, 4),
})  # fmt: skip
PLEDGES = st.lists(
    PLEDGE,
    max_size=10,
    unique_by=lambda p: (p["board"], p["prefix"] + p["number"], p["project_id"]),
)


def boards(rows):
    """Return the table of pledges of each board."""
    found = {}
    for name in "ABC":
        mine = [r for r in rows if r["board"] == name]
        bills = invoices(
            *({"invoice_id": r["prefix"] + r["number"], "net": r["net"]} for r in mine)
        )
        known = with_prints(bills, empty("party"))
        begin = [DAY + timedelta(r["from"]) for r in mine]
        end = [
            b + timedelta(r["for"]) if r["for"] else None for b, r in zip(begin, mine, strict=True)
        ]
        columns = ("invoice_id", "fingerprint", "number_print", "content_print")
        found[name] = build("pledge", {
            **{n: known[n] for n in columns}, "pledged_on": begin, "released_on": end,
            **{n: [r[n] for r in mine] for n in ("project_id", "lender_id")},
        })  # fmt: skip
    return found


def meet(a, b):
    """Tell whether two pledges hold at once, and are two."""
    over = all(x["for"] is None or y["from"] < x["from"] + x["for"] for x, y in ((a, b), (b, a)))
    told = all(a[n] == b[n] for n in ("project_id", "lender_id", "from"))
    return over and not (told and a["board"] != b["board"])


def names(row, side):
    return tuple(str(row[f"{n}_{side}"]) for n in ("board", "project_id", "invoice_id"))


@settings(max_examples=50, deadline=None)
@given(PLEDGES)
def test_every_double_is_found_and_nothing_else(rows):
    got = double_pledges(boards(rows)).to_pylist()
    key = lambda r: (r["board"], r["project_id"], r["prefix"] + r["number"])  # noqa: E731
    same, altered = set(), set()
    for a, b in combinations(rows, 2):
        if a["number"] == b["number"] and meet(a, b):
            (same if a["net"] == b["net"] else altered).add(frozenset([key(a), key(b)]))
    for kind, pairs in (("same", same), ("altered", altered)):
        told = {frozenset([names(r, "a"), names(r, "b")]) for r in got if r["kind"] == kind}
        assert told <= pairs
        # Each pledge with an earlier one to clash with is told once: all that clash are named.
        assert {k for p in told for k in p} >= {max_of(p, rows, key) for p in pairs}
    for r in got:
        if r["kind"] == "renumbered":
            one, two = r["invoice_id_a"][-8:], r["invoice_id_b"][-8:]
            assert sum(x != y for x, y in zip(one, two, strict=True)) == 1


def max_of(pair, rows, key):
    """Return the later of two pledges, in the order in which they are told."""
    of = {key(r): r for r in rows}
    return max(
        pair, key=lambda k: (of[k]["from"], k[0], of[k]["lender_id"], k[1], _print(of[k]), k[2])
    )


def _print(row):
    bill = invoices({"invoice_id": row["prefix"] + row["number"], "net": row["net"]})
    return with_prints(bill, empty("party"))["fingerprint"][0].as_py()


@settings(max_examples=20, deadline=None)
@given(PLEDGES)
def test_sealed_lists_tell_the_same_doubles_and_no_invoice(rows):
    plain = boards(rows)
    sealed = {name: seal(table, b"k" * 16) for name, table in plain.items()}
    told = [double_pledges(found).to_pylist() for found in (plain, sealed)]
    seen = ("board_b", "lender_id_b", "pledged_on_b")
    one, other = (sorted(tuple(r[n] for n in seen) for r in t if r["kind"] == "same") for t in told)
    assert one == other
    one, other = (any(r["kind"] == "altered" for r in t) for t in told)
    assert one == other
    words = {w for t in sealed.values() for c in t.columns for w in map(str, c.to_pylist())}
    hidden = {w for t in plain.values() for n in ("fingerprint", "invoice_id", "project_id")
              for w in t[n].to_pylist()}  # fmt: skip
    assert not words & hidden


NUMBERS = st.lists(
    st.tuples(st.sampled_from("ab"), st.text("015", min_size=1, max_size=3)), max_size=12
)


@settings(max_examples=80, deadline=None)
@given(NUMBERS)
def test_numbers_one_place_apart_are_those_of_a_plain_search(rows):
    content, number = (pa.array([r[i] for r in rows], pa.string()) for i in (0, 1))
    run = {}
    for c in "ab":
        mine = sorted({int(n) for d, n in rows if d == c})
        for last, n in zip([None, *mine], mine, strict=False):
            run[c, n] = run[c, last] if last is not None and n - last <= 10 else (c, n)

    def off(c, x, y):
        one = len(x) == len(y) and sum(a != b for a, b in zip(x, y, strict=True)) == 1
        return one and run[c, int(x)] != run[c, int(y)]

    want = [
        next((j for j, (d, m) in enumerate(rows) if d == c and off(c, m, n)), -1) for c, n in rows
    ]
    assert one_off(content, number).tolist() == want
    version = number.dictionary_encode().indices.to_numpy().astype(np.int64)
    other = [next((j for j, (d, m) in enumerate(rows) if d == c and m != n), -1) for c, n in rows]
    assert first_other(content, version).tolist() == other


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(*(st.integers(0, 3) for _ in range(2)), st.integers(1, 4),
                  *(st.integers(0, 2) for _ in range(2)), st.integers(-1, 1)),
        max_size=12,
    ).map(sorted)
)  # fmt: skip
def test_overlaps_are_those_of_a_plain_search(rows):
    table = np.array(rows, np.int64).reshape(-1, 6)
    thing, begin, last, same, place, version = table.T.copy()
    got = earliest_overlap(thing, begin, begin + last, same, place, version)
    for j, (t, b, _, s, p, v) in enumerate(rows):
        want = next(
            (
                i for i, (t2, b2, l2, s2, p2, v2) in enumerate(rows[:j])
                if t == t2 and b2 + l2 > b and not (s == s2 and p != p2) and not (v == v2 >= 0)
            ),
            -1,
        )  # fmt: skip
        assert got[j] == want
