"""Scoring in one pass, in chunks, or row by row: always the points of the parts."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess import Characteristic, Pair, Scorecard, Scorer
from liandong.assess.card import scorer as module

POINTS = st.integers(-60, 60)
LEVELS = ("a", "b", "c", "d", "e")


@st.composite
def characteristics(draw, name):
    """Return a characteristic of numbers (few edges or many) or of levels."""
    edges, levels = (), ()
    if draw(st.booleans()):
        size = draw(st.sampled_from([0, 1, 3, 7, 15, 16, 40]))
        edges = sorted(draw(st.sets(st.integers(-40, 40), min_size=size, max_size=size)))
    else:
        known = draw(st.lists(st.sampled_from(LEVELS), min_size=1, max_size=4, unique=True))
        cut = draw(st.integers(0, len(known) - 1))
        levels = tuple(g for g in (known[:cut], known[cut:]) if g)
    bins = len(levels) or len(edges) + 1
    points = draw(st.lists(POINTS, min_size=bins + 1, max_size=bins + 1))
    return Characteristic(
        measure=name, trend="none", edges=edges, levels=levels, woe=[0.0] * (bins + 1),
        points=points, iv=0.1, coefficient=1.0,
    )  # fmt: skip


@st.composite
def cards(draw):
    found = [draw(characteristics(f"m{j}")) for j in range(draw(st.integers(1, 4)))]
    pairs = []
    if len(found) > 1 and draw(st.booleans()):
        a, b = found[0], found[-1]
        cells = [[draw(POINTS) for _ in range(b.bins + 1)] for _ in range(a.bins + 1)]
        pairs = [Pair(measures=(a.measure, b.measure), points=cells)]
    return Scorecard(
        base=draw(POINTS), characteristics=found, pairs=pairs, rows=1, bads=1, auc=0.5,
        auc_low=0, auc_high=1,
    )  # fmt: skip


NUMBER = st.none() | st.integers(-45, 45).map(float) | st.floats(-50, 50)
LEVEL = st.none() | st.sampled_from((*LEVELS, "never seen"))


@st.composite
def scored(draw):
    """Return a card, rows of values, and what of them was withheld."""
    card = draw(cards())
    kinds = [LEVEL if c.levels else NUMBER for c in card.characteristics]
    rows = draw(st.lists(st.tuples(*kinds), min_size=1, max_size=12))
    shape = len(rows), len(kinds)
    hidden = np.array(draw(st.lists(st.booleans(), min_size=shape[0] * shape[1],
                                    max_size=shape[0] * shape[1]))).reshape(shape)  # fmt: skip
    return card, rows, hidden


def side_by_side(card, rows):
    return [
        pa.array([r[j] for r in rows], pa.string()).dictionary_encode() if c.levels
        else np.array([np.nan if r[j] is None else r[j] for r in rows], float)
        for j, c in enumerate(card.characteristics)
    ]  # fmt: skip


def by_hand(card, row, withheld):
    """Score a row in plain Python, term by term."""
    total, cells = card.base, {}
    for c, value, hidden in zip(card.characteristics, row, withheld, strict=True):
        if c.levels:
            place = [i for i, group in enumerate(c.levels) if value in group]
        else:
            place = [] if value is None else [sum(edge < value for edge in c.edges)]
        if hidden or (value is not None and not place):
            continue
        cells[c.measure] = place[0] if value is not None else c.bins
        total += c.points[cells[c.measure]]
    for p in card.pairs:
        if all(m in cells for m in p.measures):
            total += p.points[cells[p.measures[0]]][cells[p.measures[1]]]
    return total


@settings(max_examples=150, deadline=None)
@given(scored())
def test_batch_one_row_and_parts_agree_with_plain_python(case):
    card, rows, hidden = case
    told = [by_hand(card, r, h) for r, h in zip(rows, hidden, strict=True)]
    columns, scorer = side_by_side(card, rows), Scorer(card)
    assert scorer.points(columns, hidden).tolist() == told
    assert (card.base + card.parts(columns, hidden).sum(axis=1)).tolist() == told
    names = card.measures
    for row, h, points in zip(rows, hidden, told, strict=True):
        kept = {n for n, x in zip(names, h, strict=True) if x}
        assert scorer(row, kept) == scorer(dict(zip(names, row, strict=True)), kept) == points
    shown = [by_hand(card, r, [False] * len(names)) for r in rows]
    assert scorer.points(columns).tolist() == [scorer(r) for r in rows] == shown


@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray])
def test_chunks_threads_layout_and_order_change_nothing(monkeypatch, layout):
    random = np.random.default_rng(4)
    card = Scorecard(
        base=500, rows=1, bads=1, auc=0.5, auc_low=0, auc_high=1,
        characteristics=[
            Characteristic(
                measure=f"m{j}", trend="none", edges=sorted(random.normal(size=j)),
                woe=[0.0] * (j + 2), points=random.integers(-40, 40, j + 2).tolist(), iv=0.1,
                coefficient=1.0,
            ) for j in range(20)
        ],
        pairs=[Pair(measures=("m3", "m19"), points=random.integers(-9, 9, (5, 21)).tolist())],
    )  # fmt: skip
    x = random.normal(size=(5000, 20))
    x[random.random(x.shape) < 0.1] = np.nan
    told = card.base + card.parts(x).sum(axis=1)
    order = random.permutation(len(x))
    for chunk, threads in ((65_536, 1), (700, 2), (1, 3)):
        monkeypatch.setattr(module, "CHUNK", chunk)
        scorer = Scorer(card, threads)
        assert (scorer.points(layout(x)) == told).all()
        assert (scorer.points(layout(x[order])) == told[order]).all()
    assert [scorer(row) for row in x[:300].tolist()] == told[:300].tolist()


def test_no_rows_and_wrong_columns():
    card = Scorecard(
        base=500, rows=1, bads=1, auc=0.5, auc_low=0, auc_high=1,
        characteristics=[Characteristic(measure="m", trend="none", woe=[0.0, 0.0], points=[1, 2],
                                        iv=0.1, coefficient=1.0)],
    )  # fmt: skip
    assert Scorer(card).points(np.empty((0, 1))).tolist() == []
    with pytest.raises(ValueError, match="1 columns"):
        Scorer(card).points(np.empty((3, 2)))
