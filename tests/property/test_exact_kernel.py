"""Products and quotients of the row kernel against Python's whole numbers of any size."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.streams import exact

SIGNED = st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.one_of(
    SIGNED,
    st.integers(-(10**7), 10**7),
    st.integers(0, 62).flatmap(lambda b: st.integers(-2, 2).map(lambda d: 2**b + d)),
    st.sampled_from([-(2**63), 2**63 - 1, 10**6, 9_223_372_036_854, 9_223_372_036_855]),
)


def _cut(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


TWINS = {
    "product": lambda a, b: a * b,
    "product_of_millionths": lambda a, b: _cut(a * b, 10**6),
    "quotient_in_millionths": lambda a, b: _cut(a * 10**6, b) if b else None,
    "remainder": lambda a, b: a - b * _cut(a, b) if b else None,
}


@pytest.mark.parametrize("name", TWINS)
@settings(deadline=None, max_examples=400)
@given(NUMBERS, NUMBERS)
def test_results_and_what_does_not_fit(name, a, b) -> None:
    wanted = TWINS[name](a, b)
    value, state = getattr(exact, name)(a, b)
    if wanted is None:
        assert state == exact.ZERO
    elif -(2**63) <= wanted <= 2**63 - 1:
        assert (value, state) == (wanted, 0)
    else:
        assert state == exact.OVERFLOW


@settings(deadline=None, max_examples=400)
@given(NUMBERS, NUMBERS)
def test_order_and_conversion(a, b) -> None:
    assert exact.order(a, b) == (a * 10**6 > b) - (a * 10**6 < b)
    fits = -(2**63) <= a * 10**6 <= 2**63 - 1
    value, state = exact.in_millionths(a)
    assert (state == 0) == fits
    assert value == (a * 10**6 if fits else 0)
