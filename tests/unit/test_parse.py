"""Columns of text and of foreign types become fen, parts per million, days and moments."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from liandong.schema.field import Field
from liandong.schema.parse import UNITS, as_text, parse_column
from liandong.schema.tables import table


def read(kind, values, unit="", type_=None):
    """Return the values read and whether each was refused."""
    column = pa.chunked_array([pa.array(values, type_)])
    typed, wrong = parse_column(column, Field("f", kind, "", ""), unit)
    refused = [False] * len(values) if wrong is None else wrong.to_pylist()
    return list(zip(typed.to_pylist(), refused, strict=True))


def one(kind, value, unit="", type_=None):
    value, refused = read(kind, [value], unit, type_)[0]
    return "refused" if refused else value


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1234.56", 123456), ("1,234.56", 123456), ("１，２３４．５", 123450), ("-0.01", -1),
        ("¥12", 1200), ("￥ 12.30", 1230), ("1.5万", 1_500_000), ("3 亿元", 30_000_000_000),
        ("12 元", 1200), (" 7 ", 700), ("1e3", 100_000), (".5", 50), ("1.500", 150),
        ("92233720368547758.07", 2**63 - 1),
    ],
)  # fmt: skip
def test_money_in_yuan(text, fen) -> None:
    assert one("money", text) == fen


@pytest.mark.parametrize(
    "text",
    ["1.234", "12,34", "1,23,456", "abc", "12,34 元", "nan", "inf", "0x10", "--1", "1 2", "万",
     "92233720368547758.08", "1." + "0" * 80 + "1"],
)  # fmt: skip
def test_what_is_no_money_is_refused(text) -> None:
    assert one("money", text) == "refused"


@pytest.mark.parametrize("unit", UNITS["money"])
def test_money_in_every_unit_from_every_type(unit) -> None:
    scale = UNITS["money"][unit]
    assert one("money", "3", unit) == 3 * scale
    assert one("money", 3, unit) == 3 * scale
    assert one("money", 3.0, unit) == 3 * scale
    assert one("money", Decimal("3.00"), unit) == 3 * scale
    assert one("money", "2万元", unit) == 2_000_000  # what names its own unit keeps it


def test_whole_numbers_are_minor_units_and_doubles_are_yuan() -> None:
    assert one("money", 5) == 5
    assert one("money", 5.0) == 500
    assert one("money", 0.1 + 0.2) == 30
    assert one("money", 1.005) == "refused"
    assert one("money", float("nan")) is None
    assert one("money", float("inf")) == "refused"
    assert one("rate", 43_500) == 43_500
    assert one("rate", 0.0435) == 43_500
    assert one("rate", 1.0) == 1_000_000


@pytest.mark.parametrize("value", [2**62, -(2**62), -(2**63)])
def test_overflow_is_refused_not_wrapped(value) -> None:
    assert one("money", value, "yuan") == "refused"
    assert one("rate", value, "1") == "refused"


def test_unsigned_numbers_beyond_64_bits() -> None:
    assert read("money", [2**64 - 1, 5], type_=pa.uint64()) == [(None, True), (5, False)]


@pytest.mark.parametrize(
    ("text", "unit", "ppm"),
    [("4.35%", "", 43_500), ("0.0435", "", 43_500), ("4.35", "%", 43_500), ("435", "bp", 43_500),
     ("４．３５％", "", 43_500), ("1", "", 1_000_000), ("7", "ppm", 7), ("5", "‰", 5_000)],
)  # fmt: skip
def test_rates(text, unit, ppm) -> None:
    assert one("rate", text, unit) == ppm


@pytest.mark.parametrize(
    "text",
    ["2020-02-28", "2020/2/28", "2020.2.28", "20200228", "2020年2月28日", "2020-02-28 00:00:00",
     "2020/2/28 9:05", "2020-02-28T23:59:59+08:00", "２０２０年２月２８日"],
)  # fmt: skip
def test_dates(text) -> None:
    assert one("date", text) == date(2020, 2, 28)


@pytest.mark.parametrize(
    "text",
    ["2020-13-01", "2020-02-30", "28/02/2020", "2020111", "2020-2/28", "20-02-28", "2020-02-28 x"],
)
def test_what_is_no_date_is_refused(text) -> None:
    assert one("date", text) == "refused"


def test_dates_from_other_types() -> None:
    assert one("date", datetime(2020, 2, 28, 9, 5)) == date(2020, 2, 28)  # noqa: DTZ001 - naive on purpose
    assert one("date", 20200228) == date(2020, 2, 28)
    assert one("date", 43889) == "refused"  # neither a day count of Excel nor of Unix is guessed


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2020-02-28T09:30:00+08:00", 1), ("2020-02-28 09:30", 9), ("2020/2/28 9:30", 9),
     ("2020-02-28T09:30:00Z", 9), ("20200228", 0)],
)  # fmt: skip
def test_times(text, hour) -> None:
    minute = 30 if hour else 0
    assert one("time", text) == datetime(2020, 2, 28, hour, minute, tzinfo=UTC)
    # The same beside a text that the fast way cannot read.
    beside = read("time", [text, "2020年2月28日", "never"])
    assert beside[0] == (one("time", text), False)
    assert [r for _, r in beside] == [False, False, True]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [("int", "1,000", 1000), ("int", "2.0", 2), ("float", "1,234.5", 1234.5),
     ("float", "1e-3", 1e-3), ("bool", "是", True), ("bool", "FALSE", False), ("int", 7, 7),
     ("float", 7, 7.0),
     ("bool", True, True), ("int", 7.0, 7)],
)  # fmt: skip
def test_numbers_and_truth(kind, text, value) -> None:
    assert one(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [("int", "1.5"), ("int", "0x1F"), ("int", "many"), ("int", 1.5), ("float", "inf"),
     ("float", "nan"), ("float", "x"), ("float", float("inf")), ("bool", "maybe"), ("bool", 7)],
)  # fmt: skip
def test_other_things_are_refused(kind, text) -> None:
    assert one(kind, text) == "refused"


def test_blank_text_and_nan_are_null() -> None:
    for kind in ("money", "rate", "int", "float", "date", "time", "bool", "text", "id"):
        assert one(kind, " 　") is None
        assert one(kind, None, type_=pa.string()) is None
    assert one("float", float("nan")) is None


def test_text_is_trimmed_and_ids_of_doubles_are_whole() -> None:
    assert one("id", "　A1 ") == "A1"
    assert one("id", 1_000_014_003.0) == "1000014003"
    assert read("id", [12.0, None]) == [("12", False), (None, False)]
    assert one("id", 2.5) == "2.5"
    assert as_text(pa.chunked_array([["a"]]).dictionary_encode()).to_pylist() == ["a"]


def test_reasons_from_json() -> None:
    assert one("reasons", '[{"code": "a", "points": 3}]') == [{"code": "a", "points": 3}]
    assert one("reasons", '[{"points": 3}]') == "refused"
    assert one("reasons", "[") == "refused"


@pytest.mark.parametrize("name", ["浙江省", "浙江", "Zhejiang", "330000", " 浙江 "])
def test_regions_by_code_or_name(name) -> None:
    values, wrong = parse_column(
        pa.chunked_array([[name, None]]), table("party").field("region_id")
    )
    assert (values.to_pylist(), wrong) == (["330000", None], None)


def test_common_words_of_a_choice() -> None:
    words = ["正常", "作废", "红字", "红冲", "void", "退票"]
    values, _ = parse_column(pa.chunked_array([words]), table("invoice").field("status"))
    assert values.to_pylist() == ["valid", "void", "red", "red", "void", "退票"]
