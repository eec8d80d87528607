"""Unrolled money adds up to the fen, whatever the moves and however little is drawn."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from liandong.console.tracing.layout import TOP, laid_out
from liandong.console.tracing.lots import linked, oldest_first
from liandong.console.tracing.paths import path_rows, paths
from liandong.console.tracing.unroll import by_day, by_step

ACCOUNTS = [f"a{i}" for i in range(7)]
DAY = 86_400_000_000


@st.composite
def moves(draw) -> list[tuple[str, str, int, int]]:
    """Money leaves a lender and wanders over some days; nobody gives what he does not have."""
    has = Counter[str]()
    found, day = [], 0
    for _ in range(draw(st.integers(0, 25))):
        payers = [a for a in ACCOUNTS if has[a]]
        src = draw(st.sampled_from(["lender", *payers]))
        dst = draw(st.sampled_from([a for a in ACCOUNTS if a != src]))
        amount = draw(st.integers(1, 10**12 if src == "lender" else has[src]))
        day += draw(st.integers(0, 40))
        has[src] -= amount if src != "lender" else 0
        has[dst] += amount
        found.append((src, dst, amount, day))
    return found


def lots_of(found):
    n = range(len(found))
    return linked(*oldest_first({
        "flow_id": [f"f{i}" for i in n], "step": list(n), "us": [m[3] * DAY for m in found],
        "src": [m[0] for m in found], "dst": [m[1] for m in found],
        "place": [m[1] for m in found], "amount": [m[2] for m in found],
        "root": [m[0] == "lender" for m in found],
    }))  # fmt: skip


def held(found) -> Counter[str]:
    has = Counter[str]()
    for src, dst, amount, _ in found:
        has[dst] += amount
        has[src] -= amount if src != "lender" else 0
    return +has


def must_add_up(drawn, paid: int) -> None:
    into, out = Counter[int](), Counter[int]()
    for band in drawn.bands:
        assert band.amount > 0
        assert drawn.nodes[band.source].column < drawn.nodes[band.target].column
        out[band.source] += band.amount
        into[band.target] += band.amount
    for i, node in enumerate(drawn.nodes):
        assert node.amount == out[i] + node.left
        assert into[i] == (0 if node.place == "lender" else node.amount)
    assert sum(n.left for n in drawn.nodes) == paid


@given(moves(), st.integers(1, 5), st.integers(1, 4))
def test_steps_add_up(found, layers: int, width: int) -> None:
    drawn = by_step(lots_of(found), layers, width)
    must_add_up(drawn, sum(n for src, _, n, _ in found if src == "lender"))
    columns = Counter(n.column for n in drawn.nodes)
    assert max(columns, default=0) <= layers + 1
    assert max((n for c, n in columns.items() if c), default=0) <= width


@given(moves(), st.integers(1, 5))
def test_days_add_up(found, lanes: int) -> None:
    drawn = by_day(lots_of(found), lanes, columns=1000)
    assert (drawn.rest, drawn.rest_amount) == (0, 0)
    must_add_up(drawn, sum(n for src, _, n, _ in found if src == "lender"))
    last = {n.place: n.left for n in drawn.nodes if n.left}
    assert {p: n for p, n in last.items() if p} == {
        p: n for p, n in held(found).items() if p in last
    }
    assert len({n.lane for n in drawn.nodes}) <= lanes + 2  # and the lender, and the others
    assert all(a <= b for a, b in drawn.columns)


@given(moves(), st.integers(2, 6))
def test_what_is_not_drawn_is_told(found, columns: int) -> None:
    lots = lots_of(found)
    drawn = by_day(lots, columns=columns)
    whole = by_day(lots, columns=10**6)
    assert len(drawn.columns) <= columns
    moved = sum(b.amount for b in drawn.bands if not b.stays)
    if drawn.unit == whole.unit:
        assert moved + drawn.rest_amount == sum(b.amount for b in whole.bands if not b.stays)
    assert (drawn.rest > 0) == (drawn.rest_amount > 0)


@given(moves())
def test_paths_add_up_to_what_is_held(found) -> None:
    lots, has = lots_of(found), held(found)
    assert Counter({p: paths(lots, p).total for p in ACCOUNTS}) == has
    few = paths(lots, most=2)
    assert few.rest + sum(p.amount for p in few.found) == few.total == has.total()
    for path in paths(lots).found:
        assert path.lots[0].src == "lender"
        assert all(a.dst == b.src and a.step < b.step for a, b in pairwise(path.lots))
    rows = path_rows(paths(lots).found)
    assert sum(r["amount"] for r in rows if r["hop"] == 1) == has.total()
    # No more runs through a lot than came in it.
    through = Counter[str]()
    for r in rows:
        through[r["lot_id"]] += r["amount"]
    assert all(through[lot.lot_id] == lot.amount for lot in lots)


@given(moves())
def test_money_is_back_where_it_was_before(found) -> None:
    lots = lots_of(found)
    for lot in lots:
        before, at = [], lot.parent
        while at >= 0:
            before.append(lots[at].place)
            at = lots[at].parent
        assert lot.back == (lot.place in before)
        assert lot.depth == len(before) + 1


@given(moves())
def test_nothing_overlaps_and_heights_are_fen(found) -> None:
    lots = lots_of(found)
    for drawn in (by_step(lots), by_day(lots)):
        picture = laid_out(drawn)
        by_column = {}
        for node, box in zip(drawn.nodes, picture.boxes, strict=True):
            by_column.setdefault(node.column, []).append(box)
        for boxes in by_column.values():
            boxes.sort(key=lambda b: b.y)
            assert all(a.y + a.h <= b.y + 1e-6 for a, b in pairwise(boxes))
            assert boxes[0].y >= TOP - 1e-6
            assert boxes[-1].y + boxes[-1].h <= picture.height
        for band, strip in zip(drawn.bands, picture.strips, strict=True):
            source, target = picture.boxes[band.source], picture.boxes[band.target]
            for y, box in ((strip.y0, source), (strip.y1, target)):
                assert box.y - 1e-6 <= y
                assert y + strip.h <= box.y + max(box.h, 1.0) + 1.0
