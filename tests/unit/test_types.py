"""Money, rates and credit codes: exact or refused."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

import liandong.types
from liandong.types import CREDIT_CODE_ALPHABET, Money, Rate, credit_code_digit, credit_code_ok


def test_examples_in_the_docstrings():
    assert doctest.testmod(liandong.types).failed == 0


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("100_000_000 CNY", 10_000_000_000),
        ("1 亿元", 10_000_000_000),
        ("3.5万", 3_500_000),
        ("-0.01", -1),
        ("1,234.5 元", 123_450),
        (".5", 50),
        ("0.0001 万", 100),
    ],
)
def test_money_is_read_exactly(text, fen):
    assert int(Money.parse(text)) == fen


@pytest.mark.parametrize(
    "text", ["", "1.234", "12 USD", "0x10", "1e5", "--1", "十元", "99999999999999999999", "1.2.3"]
)
def test_what_is_not_money_is_refused(text):
    with pytest.raises(ValueError):
        Money.parse(text)


def test_floats_are_never_money():
    with pytest.raises(ValueError):
        Money.make(1.0)
    with pytest.raises(ValueError):
        Money.make(True)


@given(st.integers(-(2**62), 2**62))
def test_money_survives_its_own_text(fen):
    assert Money.parse(str(Money(fen))) == fen


@given(st.integers(-(10**9), 10**9))
def test_rates_survive_their_own_text(ppm):
    assert Rate.parse(str(Rate(ppm))) == ppm


@pytest.mark.parametrize("text", ["", "%", "4.35%%", "0.00000001", "four"])
def test_what_is_not_a_rate_is_refused(text):
    with pytest.raises(ValueError):
        Rate.parse(text)


def test_known_credit_codes():
    # GB 32100-2015; the first is the published worked example, the others are public licences.
    assert credit_code_digit("91350100M000100Y4") == "3"
    for code in ("91350100M000100Y43", "91110000802100433B", "914403001922038216"):
        assert credit_code_ok(code), code
    assert not credit_code_ok("91350100M000100Y44")
    assert not credit_code_ok("91350100M000100Y4")
    assert not credit_code_ok("9135O100M000100Y43")


@given(st.text(CREDIT_CODE_ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.data())
def test_any_single_wrong_character_is_found(body, place, data):
    code = body + credit_code_digit(body)
    other = data.draw(st.sampled_from([c for c in CREDIT_CODE_ALPHABET if c != code[place]]))
    assert credit_code_ok(code)
    assert not credit_code_ok(code[:place] + other + code[place + 1 :])
