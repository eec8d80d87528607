"""Shapley values and the nucleolus: known answers, axioms, and a second reckoning over orders."""

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import InputError
from liandong.settle.cooperation import nucleolus, shapley

THIRD, SIXTH = Fraction(1, 3), Fraction(1, 6)


def gloves(group):
    """One left glove and two right ones: a pair is worth 1."""
    return int("left" in group and len(group) > 1)


def airport(group):
    """A runway for the largest aeroplane of the group, at costs 1, 2 and 3."""
    return -max(int(p) for p in group)


def enclave(group):
    return {1: 20 * ("home" in group), 2: 100}[len(group)]


def test_gloves():
    players = ["left", "right", "other"]
    assert list(shapley(players, gloves).values()) == [2 * THIRD, SIXTH, SIXTH]
    assert list(nucleolus(players, gloves).values()) == [1, 0, 0]


def test_airport():
    found = shapley(["1", "2", "3"], airport)
    assert [-x for x in found.values()] == [THIRD, Fraction(5, 6), Fraction(11, 6)]
    # By hand: half of the first runway each for the two small ones, then half of the second …
    assert [-x for x in nucleolus(["1", "2", "3"], airport).values()] == [
        Fraction(1, 2), Fraction(3, 4), Fraction(7, 4),
    ]  # fmt: skip


def test_enclave():
    for way in (shapley, nucleolus):
        assert way(["host", "home"], enclave) == {"host": 40, "home": 60}


@pytest.mark.parametrize(
    ("estate", "shares"),
    [(100, [100 * THIRD] * 3), (200, [50, 75, 75]), (300, [50, 100, 150])],
)
def test_an_estate_is_divided_as_in_the_talmud(estate, shares):
    """Aumann and Maschler (1985): debts of 100, 200 and 300."""
    debts = {"a": 100, "b": 200, "c": 300}
    found = nucleolus(list(debts), lambda g: max(0, estate - sum(
        d for p, d in debts.items() if p not in g
    )))  # fmt: skip
    assert [abs(x - y) < Fraction(1, 1_000) for x, y in
            zip(found.values(), shares, strict=True)] == [True] * 3  # fmt: skip
    assert sum(found.values()) == estate


@st.composite
def games(draw):
    """Games in which groups of more bring about more."""
    players = "abcd"[: draw(st.integers(2, 4))]
    extra = {}

    def worth(group):
        key = "".join(sorted(group))
        if key not in extra:
            extra[key] = draw(st.integers(0, 50))
        return extra[key] * len(group) ** 2

    values = {
        frozenset(c): worth(c)
        for n in range(1, 2 ** len(players))
        for c in ["".join(p for i, p in enumerate(players) if n >> i & 1)]
    }
    alone = sum(values[frozenset(p)] for p in players)
    whole = frozenset(players)
    return list(players), {**values, whole: max(values[whole], alone)}


@settings(max_examples=60, deadline=None)
@given(games())
def test_values_add_up_and_agree_with_all_orders(game):
    players, values = game
    found = shapley(players, values.__getitem__)
    orders = list(permutations(players))
    for p in players:
        added = 0
        for order in orders:
            before = frozenset(order[: order.index(p)])
            added += values[before | {p}] - values.get(before, 0)
        assert found[p] == Fraction(added, len(orders))
    assert sum(found.values()) == values[frozenset(players)]


@settings(max_examples=60, deadline=None)
@given(games(), st.data())
def test_no_other_share_leaves_the_least_satisfied_group_better_off(game, data):
    players, values = game
    found = nucleolus(players, values.__getitem__)
    whole = frozenset(players)
    assert sum(found.values()) == values[whole]
    assert all(found[p] >= values[frozenset(p)] - Fraction(1, 1_000) for p in players)

    def satisfaction(share):
        groups = [g for g in values if g != whole]
        return sorted(sum(share[p] for p in g) - values[g] for g in groups)

    moved = data.draw(st.lists(st.integers(-20, 20), min_size=len(players), max_size=len(players)))
    other = {p: found[p] + m for p, m in zip(players, moved, strict=True)}
    other[players[0]] -= sum(moved)
    if all(other[p] >= values[frozenset(p)] for p in players):
        assert satisfaction(other)[0] <= satisfaction(found)[0] + Fraction(1, 1_000)


@pytest.mark.parametrize("players", [[], ["a", "a"], [str(i) for i in range(13)]])
def test_players_that_cannot_be_are_refused(players):
    with pytest.raises(InputError):
        shapley(players, len)


def test_a_cooperation_that_loses_has_no_nucleolus():
    with pytest.raises(InputError, match="alone"):
        nucleolus(["a", "b"], lambda g: 1 if len(g) == 1 else 0)
