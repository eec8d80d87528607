"""CUSUM and ADWIN against closed forms, a Markov chain, and a slow twin; pieces give the whole."""

from math import erf, exp, log, sqrt

import numpy as np
import pytest

from liandong.kernels.streams.drift import BUCKETS, adwin, adwin_state, cusum, cusum_state

SLACK = 0.5


def chain_length(limit: float, shift: float, states: int = 400) -> float:
    """Return the mean run length of a one-sided CUSUM of normal numbers by a Markov chain.

    The sum in steps of w, the first state being 0 (Brook and Evans 1972).
    """
    w = 2 * limit / (2 * states - 1)

    def below(x: float) -> float:
        return 0.5 * (1 + erf((x - shift + SLACK) / sqrt(2)))

    moves = np.array([[below((j - i + 0.5) * w) for j in range(states)] for i in range(states)])
    step = np.diff(moves, axis=1, prepend=0)
    return float(np.linalg.solve(np.eye(states) - step, np.ones(states))[0])


def both_sides(one: float, other: float) -> float:
    return 1 / (1 / one + 1 / other)


def siegmund(limit: float, shift: float) -> float:
    """Return Siegmund's approximation (1985) of the mean run length of a one-sided CUSUM."""
    drift, b = shift - SLACK, limit + 1.166
    return (exp(-2 * drift * b) + 2 * drift * b - 1) / (2 * drift**2)


@pytest.mark.parametrize(
    ("limit", "shift", "told", "near"),
    [(4, 0, 168, 169), (5, 0, 465, 469), (4, 1, 8.4, 8.3), (5, 1, 10.4, 10.3)],
)
def test_run_lengths_are_those_of_the_tables(limit, shift, told, near):
    exact = both_sides(chain_length(limit, shift), chain_length(limit, -shift))
    assert exact == pytest.approx(told, rel=0.006)
    assert both_sides(siegmund(limit, shift), siegmund(limit, -shift)) == pytest.approx(
        near, rel=0.01
    )
    lengths = simulated(limit, shift, runs=3_000)
    spread = lengths.std() / sqrt(len(lengths))
    assert abs(lengths.mean() - exact) < 3.5 * spread


def simulated(limit: float, shift: float, runs: int) -> np.ndarray:
    """Return numbers until the kernel alarms on either side, run by run."""
    rng, found = np.random.default_rng(limit * 10 + shift), []
    for _ in range(runs):
        state, seen = cusum_state(), 0
        while True:
            sums = cusum(rng.standard_normal(512) + shift, SLACK, state).max(axis=1)
            if (sums > limit).any():
                found.append(seen + int((sums > limit).argmax()) + 1)
                break
            seen += 512
    return np.array(found)


def test_a_course_by_hand():
    # Up: 1 - .5 = .5; .5 + 2 - .5 = 2; 2 - 3 - .5 < 0. Down: 0; 0; 3 - .5 = 2.5.
    sums = cusum(np.array([1.0, 2.0, -3.0]), SLACK, cusum_state())
    assert sums.tolist() == [[0.5, 0.0], [2.0, 0.0], [0.0, 2.5]]


def course(seed: int, n: int = 900) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.random(n // 3) * p for p in (0.4, 0.4 + 0.1 * (seed % 6), 0.3)])


@pytest.mark.parametrize("seed", range(4))
def test_pieces_give_the_whole_bit_for_bit(seed):
    values, rng = course(seed), np.random.default_rng(seed)
    cuts = np.sort(rng.integers(0, len(values), 20))
    sums, state = cusum(values, SLACK, cusum_state()), cusum_state()
    pieces = [cusum(p, SLACK, state) for p in np.split(values, cuts)]
    assert np.concatenate(pieces).tobytes() == sums.tobytes()
    whole_state, state = adwin_state(), adwin_state()
    changed = adwin(values, 0.002, 5, whole_state)
    pieces = [adwin(p, 0.002, 5, state) for p in np.split(values, cuts)]
    assert np.concatenate(pieces).tobytes() == changed.tobytes()
    assert all(a.tobytes() == b.tobytes() for a, b in zip(state, whole_state, strict=True))


class Slow:
    """ADWIN over the numbers themselves: buckets are only how many numbers stand together."""

    def __init__(self, delta: float, least: int) -> None:
        self.delta, self.least = delta, least
        self.numbers: list[float] = []
        self.sizes: list[int] = []  # oldest first

    def add(self, value: float) -> float:
        self.numbers.append(value)
        self.sizes.append(1)
        size = 1
        while self.sizes.count(size) > BUCKETS:
            first = self.sizes.index(size)
            self.sizes[first : first + 2] = [2 * size]
            size *= 2
        change = 0.0
        while found := self.difference():
            change = found
            del self.numbers[: self.sizes.pop(0)]
        return change

    def difference(self) -> float:
        n, values = len(self.numbers), np.array(self.numbers)
        for cut in np.cumsum(self.sizes[:-1]) if n >= 2 * self.least else ():
            if cut < self.least or n - cut < self.least:
                continue
            m, sharp = 1 / (1 / cut + 1 / (n - cut)), log(2 * log(n) / self.delta)
            off = values[cut:].mean() - values[:cut].mean()
            if abs(off) > sqrt(2 / m * values.var() * sharp) + 2 / (3 * m) * sharp:
                return float(off)
        return 0.0


@pytest.mark.parametrize("seed", range(6))
def test_adaptive_windows_are_those_of_the_slow_twin(seed):
    values, slow, state = course(seed), Slow(0.002, 5), adwin_state()
    want = [slow.add(v) for v in values.tolist()]
    assert adwin(values, 0.002, 5, state) == pytest.approx(want, abs=1e-12)
    size, total, spread, _ = state[1][:4]
    assert size == len(slow.numbers)
    assert total == pytest.approx(sum(slow.numbers))
    assert spread == pytest.approx(np.var(slow.numbers) * size)


def test_a_steady_course_is_not_cut_and_a_leap_is():
    rng = np.random.default_rng(5)
    steady = (rng.random(2_000) < 0.2).astype(float)
    assert not adwin(steady, 0.002, 5, adwin_state()).any()
    leap = (rng.random(500) < 0.8).astype(float)
    found = adwin(np.concatenate([steady, leap]), 0.002, 5, adwin_state())
    first = int(np.flatnonzero(found)[0])
    assert 2_000 < first < 2_060
    assert found[first] > 0
