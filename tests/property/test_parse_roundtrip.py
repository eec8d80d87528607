"""What was written is read back; a text means the same whatever stands beside it."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.schema.field import Field
from liandong.schema.parse import UNITS, parse_column
from liandong.types import INT64_MAX, Money, Rate

FEN = st.integers(-INT64_MAX, INT64_MAX)


def read(kind, texts, unit=""):
    column = pa.chunked_array([pa.array(texts, pa.string())])
    typed, wrong = parse_column(column, Field("f", kind, "", ""), unit)
    refused = [False] * len(texts) if wrong is None else wrong.to_pylist()
    return list(zip(typed.to_pylist(), refused, strict=True))


@given(st.lists(FEN, min_size=1, max_size=20))
def test_money(amounts) -> None:
    written = [Money(a).yuan().replace(",", "") for a in amounts]
    assert read("money", written) == [(a, False) for a in amounts]
    assert read("money", [Money(a).yuan() for a in amounts]) == [(a, False) for a in amounts]
    assert read("money", [str(Money(a)) for a in amounts]) == [(a, False) for a in amounts]
    assert read("money", [str(a) for a in amounts], "fen") == [(a, False) for a in amounts]


@given(st.lists(st.integers(-(2**31) + 1, 2**31 - 1), min_size=1, max_size=20))
def test_rates(rates) -> None:
    assert read("rate", [str(Rate(r)) for r in rates]) == [(r, False) for r in rates]
    assert read("rate", [str(r) for r in rates], "ppm") == [(r, False) for r in rates]


@given(st.lists(st.dates(date(1900, 1, 1), date(2100, 1, 1)), min_size=1, max_size=20))
def test_dates(days) -> None:
    for style in ("{0:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}", "{0:%Y%m%d}",
                  "{0.year}年{0.month}月{0.day}日", "{0:%Y-%m-%d} 12:30:00"):  # fmt: skip
        assert read("date", [style.format(d) for d in days]) == [(d, False) for d in days]


MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by definition


@given(st.lists(MOMENTS, min_size=1, max_size=20))
def test_times(moments) -> None:
    shanghai = [(m + timedelta(hours=8)).isoformat().replace("+00:00", "+08:00") for m in moments]
    assert read("time", shanghai) == [(m, False) for m in moments]
    naive = [m.replace(tzinfo=None).isoformat(" ") for m in moments]
    assert read("time", naive) == [(m, False) for m in moments]


WORDS = st.one_of(
    st.from_regex(r"[+-]?[0-9]{0,12}(\.[0-9]{0,4})?([eE][+-]?[0-9]{1,2})?", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}(,[0-9]{2,4}){1,3}(\.[0-9]{1,3})?", fullmatch=True),
    st.from_regex(
        r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2})?", fullmatch=True
    ),
    st.sampled_from(
        ["nan", "inf", "0x1F", "1_000", "是", "4.35%", "3万", "１２", " ", "", "-", "."]
    ),
    st.text(max_size=6),
)


@settings(max_examples=300)
@given(WORDS, st.sampled_from(["money", "rate", "int", "float", "date", "time", "bool"]), st.data())
def test_a_text_means_the_same_whatever_stands_beside_it(word, kind, data) -> None:
    unit = data.draw(st.sampled_from(["", *UNITS.get(kind, {})]))
    alone = read(kind, [word], unit)[0]
    beside = [
        read(kind, [word, other], unit)[0] for other in ("no value at all", "1", "2020-01-01")
    ]
    assert [repr(b) for b in beside] == [repr(alone)] * 3
