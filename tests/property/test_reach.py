"""The smallest change is the smallest: against every change there is, with and without pairs."""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.scores.reach import Game, reach


def made(seed: int) -> tuple[Game, np.ndarray, np.ndarray]:
    """A small card, a few firms on it, and the points they need."""
    random = np.random.default_rng(seed)
    n = random.integers(1, 6)
    bins = random.integers(1, 4, n)
    cells = int(bins.max()) + 2
    points = random.integers(-9, 10, (n, cells))
    points[np.arange(cells) >= bins[:, None] + 1] = 0
    every = [(a, b) for a in range(n) for b in range(a)]
    some = random.permutation(len(every))[: random.integers(0, 7)]
    pairs = np.array([every[i][:: random.choice([-1, 1])] for i in some], np.int64).reshape(-1, 2)
    up, down = random.random((2, n)) < 0.6
    tables = random.integers(-9, 10, (len(pairs), cells, cells))
    at = random.integers(0, bins + 2, (3, n))
    opened = (np.arange(cells) < bins[:, None]) & (random.random((n, cells)) < 0.9)
    return Game(points, opened, up, down, pairs, tables), at, random.integers(-2, 41, 3)


def worth(game: Game, cells) -> int:
    """Points of a firm, added up plainly."""
    total = sum(int(game.points[i, c]) for i, c in enumerate(cells))
    return total + sum(
        int(t[cells[a], cells[b]]) for (a, b), t in zip(game.pairs, game.tables, strict=True)
    )


def ways(game: Game, at) -> list[list[int]]:
    """Return every cell that each measure may be moved to."""
    return [
        [
            c for c in range(len(opened))
            if c == now or (opened[now] and opened[c] and ((c > now and up) or (c < now and down)))
        ]
        for now, opened, up, down in zip(at, game.open, game.up, game.down, strict=True)
    ]  # fmt: skip


def cost(game: Game, at, cells) -> tuple[int, int]:
    """Measures changed, and open bins passed."""
    found = []
    for opened, a, c in zip(game.open, at, cells, strict=True):
        places = [p for p in range(len(opened)) if opened[p] or p == a]
        found.append(abs(places.index(a) - places.index(c)))
    return sum(m > 0 for m in found), sum(found)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9))
def test_no_change_that_gains_enough_is_smaller(seed) -> None:
    game, at, needed = made(seed)
    found = reach(game, at, needed)
    for f in range(len(at)):
        now = worth(game, at[f])
        if needed[f] <= 0:
            assert found.changes[f] == 0
            assert (found.cells[f] == at[f]).all()
            continue
        every = [(worth(game, c) - now, c) for c in product(*ways(game, at[f]))]
        enough = [(*cost(game, at[f], c), -gain) for gain, c in every if gain >= needed[f]]
        if not enough:
            assert found.changes[f] == -1
            assert found.gain[f] == max(gain for gain, _ in every)
            assert (found.cells[f] == at[f]).all()
            continue
        got = tuple(found.cells[f].tolist())
        assert got in {c for _, c in every}
        assert worth(game, got) - now == found.gain[f]
        assert cost(game, at[f], got) == (found.changes[f], found.moved[f])
        assert (found.changes[f], found.moved[f], -found.gain[f]) == min(enough)
