"""Dispatch: limits hold, the bound holds against every schedule, and nobody looks ahead."""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.allocation.dispatch import (
    NOBODY,
    Hubs,
    Jobs,
    Rest,
    Schedule,
    answers,
    hindsight,
)
from liandong.match.factors.rolling import Pace, first_come, roll

seeds = st.integers(0, 10**9)
BRISK = Pace(rounds=8)


def made(seed: int, count: int, hubs: int, hours: int, most: int) -> tuple[Jobs, Hubs]:
    r = np.random.default_rng(seed)
    first = r.integers(0, hours, count)
    last = np.minimum(first + r.integers(0, hours, count) + r.integers(0, 2, count), hours)
    home = r.integers(0, hubs, count)
    may = (home[:, None] == np.arange(hubs)) | (r.random((count, 1)) < 0.7)
    transfer = r.integers(0, 20, (count, hubs)) * (home[:, None] != np.arange(hubs))
    jobs = Jobs(
        first, np.maximum(last, first), r.integers(1, most + 1, count),
        r.integers(1, most, count), may, transfer, r.integers(5, 60, count),
    )  # fmt: skip
    shape = (hubs, hours)
    return jobs, Hubs(r.integers(0, most + 1, shape), r.integers(1, 30, shape))


def cost(jobs: Jobs, hubs: Hubs, schedule: Schedule) -> int:
    total = 0
    for j, h in enumerate(schedule.hub):
        ran = schedule.ran[j]
        if h != NOBODY:
            total += int((ran * hubs.unit[h]).sum() + jobs.transfer[j, h])
        total += int((jobs.volume[j] - ran.sum()) * jobs.penalty[j])
    return total


def holds(jobs: Jobs, hubs: Hubs, schedule: Schedule) -> None:
    load = np.zeros_like(hubs.unit)
    hours = np.arange(hubs.unit.shape[1])
    for j, h in enumerate(schedule.hub):
        ran = schedule.ran[j]
        assert (ran >= 0).all()
        assert (h == NOBODY) == (ran.sum() == 0)
        if h != NOBODY:
            assert jobs.may[j, h]
            load[h] += ran
        assert (ran <= jobs.width[j]).all()
        assert ran.sum() <= jobs.volume[j]
        assert not ran[(hours < jobs.first[j]) | (hours >= jobs.last[j])].any()
    assert (load <= hubs.capacity).all()


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_every_schedule_holds_all_limits(seed: int) -> None:
    jobs, hubs = made(seed, 12, 3, 10, 9)
    for schedule in (roll(jobs, hubs, BRISK), first_come(jobs, hubs)):
        holds(jobs, hubs, schedule)
        bound, _ = hindsight(jobs, hubs, 0 * hubs.unit, cost(jobs, hubs, schedule), 50)
        assert bound <= cost(jobs, hubs, schedule)


def options(jobs: Jobs, hubs: Hubs, j: int):
    """Every way to run a job alone: cost, and minutes by hub and hour."""
    hours = range(jobs.first[j], jobs.last[j])
    most = int(min(jobs.width[j], jobs.volume[j]))
    yield int(jobs.volume[j] * jobs.penalty[j]), 0 * hubs.unit
    for h in np.flatnonzero(jobs.may[j]):
        for some in product(range(most + 1), repeat=len(hours)):
            if 0 < sum(some) <= jobs.volume[j]:
                load = 0 * hubs.unit
                load[h, jobs.first[j] : jobs.last[j]] = some
                value = (load * hubs.unit).sum() + jobs.transfer[j, h]
                yield int(value + (jobs.volume[j] - sum(some)) * jobs.penalty[j]), load


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(0, 40))
def test_no_schedule_of_all_is_below_the_bound(seed: int, level: int) -> None:
    jobs, hubs = made(seed, 2, 2, 3, 3)
    best = min(
        sum(c for c, _ in chosen)
        for chosen in product(*(list(options(jobs, hubs, j)) for j in range(2)))
        if (sum(load for _, load in chosen) <= hubs.capacity).all()
    )
    bound, price = hindsight(jobs, hubs, np.full_like(hubs.unit, level), best + 5, 40)
    assert bound <= best
    assert (price >= 0).all()
    schedule = roll(jobs, hubs, BRISK)
    assert cost(jobs, hubs, schedule) >= best
    # The certificate is recomputed plainly: each job's cheapest answer, less what hours are worth.
    plain = sum(
        min(c + int((load * price).sum()) for c, load in options(jobs, hubs, j)
            if (load <= hubs.capacity).all())
        for j in range(2)
    )  # fmt: skip
    assert bound == plain - int((price * hubs.capacity).sum())


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 9))
def test_what_comes_later_changes_nothing_before(seed: int, now: int) -> None:
    jobs, hubs = made(seed, 12, 3, 10, 9)
    known = np.flatnonzero(jobs.first < now)
    some = Jobs(*(field[known] for field in jobs))
    every, early = roll(jobs, hubs, BRISK), roll(some, hubs, BRISK)
    assert (every.ran[known][:, :now] == early.ran[:, :now]).all()
    assert (every.price[:, :now] == early.price[:, :now]).all()


def test_answers_at_a_price_worked_by_hand() -> None:
    one = np.array([1])
    jobs = Jobs(
        np.array([0]), np.array([3]), np.array([5]), np.array([2]),
        np.array([[True, True]]), np.array([[0, 6]]), np.array([100]),
    )  # fmt: skip
    hubs = Hubs(np.full((2, 3), 9), np.array([[10, 20, 30], [9, 9, 9]]))
    load = np.zeros((2, 3), np.int64)
    whole = Rest(jobs.volume, np.array([NOBODY]), 0)
    # Two minutes each in three hours elsewhere: 5 x 9 + 6 to move; at home 20 + 40 + 30.
    assert answers(jobs, hubs, 0 * one, whole, 0 * load, load) == 51
    assert load.tolist() == [[0, 0, 0], [2, 2, 1]]
    dear = np.array([[0, 0, 0], [20, 20, 20]])
    assert answers(jobs, hubs, 0 * one, whole, dear, load) == 90
    assert load.tolist() == [[2, 2, 1], [0, 0, 0]]
