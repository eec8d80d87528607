"""Money in fen, rates in parts per million, moments, ids of content and of Chinese practice."""

import hashlib
import json
import re
import unicodedata
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from liandong.errors import UnfitError
from liandong.texts import both

_AMOUNT = re.compile(
    r"^\s*([+-]?[\d_,]*\.?\d+)\s*(亿|万|元|CNY|RMB|yuan)?\s*(元|CNY|RMB|yuan)?\s*$"
)
_FACTOR = {"亿": 100_000_000, "万": 10_000}
INT64_MAX = 2**63 - 1
PPM = 1_000_000
"""A whole, in parts per million."""
YUAN = 100
"""Fen."""
CURRENCY_PLACES = {
    "CNY": 2, "USD": 2, "EUR": 2, "HKD": 2, "GBP": 2, "JPY": 0, "KRW": 0, "KWD": 3,
}  # fmt: skip
"""Decimal places of currencies (ISO 4217); amounts in other units are memo quantities."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""From here moments are counted, in microseconds."""
_MICROSECOND = timedelta(microseconds=1)
CHINA = timezone(timedelta(hours=8))
"""Where days begin and end: firms, banks and courts here go by one clock."""


class _Whole(int):
    """An int that pydantic accepts as itself or as text with its unit."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the value from text; subclasses add their units."""
        return cls(int(text))

    @classmethod
    def make(cls, value: object) -> Self:
        """Return ``value`` as this type; bare numbers are refused, since their unit is unknown."""
        if isinstance(value, str):
            return cls.parse(value)
        if isinstance(value, cls):
            return value
        raise UnfitError(what=both("unfit.as_text", kind=cls.__name__, value=repr(value)))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:  # noqa: ANN401 - pydantic's protocol
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            cls.make, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, source: Any, handler: Any) -> dict[str, Any]:  # noqa: ANN401 - pydantic's protocol
        return {"type": "string", "format": cls.__name__.lower()}


class Money(_Whole):
    """An amount of yuan, held as whole fen.

    Examples
    --------
    >>> Money.parse("100_000_000 CNY")
    Money('100000000.00 CNY')
    >>> int(Money.parse("1.5 万元"))
    1500000
    """

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"12.34"``, ``"100_000 CNY"``, ``"3 亿元"``; more than two decimals is an error."""
        match = _AMOUNT.match(text)
        if not match:
            raise UnfitError(what=both("unfit.money", text=repr(text)))
        number, scale = match[1].replace("_", "").replace(",", ""), match[2] or ""
        fen = Decimal(number) * _FACTOR.get(scale, 1) * 100
        if fen != fen.to_integral_value():
            raise UnfitError(what=both("unfit.fen", text=repr(text)))
        if abs(fen) > INT64_MAX:
            raise UnfitError(what=both("unfit.money_large", text=repr(text)))
        return cls(int(fen))

    def yuan(self) -> str:
        """Return the amount in yuan with two decimals and thousands separators."""
        sign, fen = ("-" if self < 0 else ""), abs(int(self))
        return f"{sign}{fen // 100:,}.{fen % 100:02d}"

    def __str__(self) -> str:
        return f"{self.yuan().replace(',', '')} CNY"

    def __repr__(self) -> str:
        return f"Money('{self}')"


class Rate(_Whole):
    """A rate or share in parts per million.

    Examples
    --------
    >>> int(Rate.parse("4.35%"))
    43500
    >>> Rate.parse("0.04")
    Rate('4%')
    """

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"4.35%"`` or ``"0.0435"``; finer than one part per million is an error."""
        body = text.strip()
        percent = body.endswith("%")
        try:
            value = Decimal(body.removesuffix("%").strip())
        except InvalidOperation as error:
            raise UnfitError(what=both("unfit.rate", text=repr(text))) from error
        ppm = value * (10_000 if percent else 1_000_000)
        if ppm != ppm.to_integral_value():
            raise UnfitError(what=both("unfit.ppm", text=repr(text)))
        return cls(int(ppm))

    def __str__(self) -> str:
        return f"{(Decimal(int(self)) / 10_000).normalize():f}%"

    def __repr__(self) -> str:
        return f"Rate('{self}')"


def since_epoch(at: datetime) -> int:
    """Return a moment with a zone as microseconds since ``EPOCH``.

    Examples
    --------
    >>> since_epoch(from_epoch(1_500_000))
    1500000
    """
    return (at - EPOCH) // _MICROSECOND


def from_epoch(micros: int) -> datetime:
    """Return the moment (UTC) of microseconds since ``EPOCH``."""
    return EPOCH + timedelta(microseconds=micros)


def today() -> date:
    """Return the day it is in China, by which powers, ties and credentials begin and end."""
    return datetime.now(CHINA).date()


def end_of_day(day: date, zone: tzinfo = CHINA) -> int:
    """Return the last microsecond of a day in a time zone, since ``EPOCH``.

    Examples
    --------
    >>> from_epoch(end_of_day(date(2026, 3, 2)))
    datetime.datetime(2026, 3, 2, 15, 59, 59, 999999, tzinfo=datetime.timezone.utc)
    """
    return since_epoch(datetime.combine(day, time.max, zone))


def stable_id(*parts: object) -> str:
    """Return 32 hex digits that the same parts give everywhere: an id that makes writes idempotent.

    Examples
    --------
    >>> stable_id("disburse", "E17", 1) == stable_id("disburse", "E17", "1")
    True
    >>> stable_id("ab", "c") == stable_id("a", "bc")
    False
    """
    body = json.dumps([str(p) for p in parts], ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()[:32]


CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code_digit(body: str) -> str:
    """Return the check digit of a unified social credit code.

    Parameters
    ----------
    body
        The first 17 characters.

    Raises
    ------
    ValueError
        If the length is not 17 or a character is outside the alphabet (no I, O, S, V, Z).

    Notes
    -----
    GB 32100-2015: weights 3^i mod 31, check = (31 - sum mod 31) mod 31.

    Examples
    --------
    >>> credit_code_digit("91350100M000100Y4")
    '3'
    """
    if len(body) != 17:
        raise ValueError("a unified social credit code has 17 characters before its check digit")
    total = sum(CREDIT_CODE_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return CREDIT_CODE_ALPHABET[-total % 31]


def credit_code_ok(code: str) -> bool:
    """Tell whether an 18-character unified social credit code carries its right check digit."""
    if len(code) != 18 or any(c not in CREDIT_CODE_ALPHABET for c in code):
        return False
    return credit_code_digit(code[:17]) == code[17]


_RESIDENT = re.compile(r"(?<!\d)[1-8]\d{5}((?:19|20)\d{6})\d{3}[\dXx](?!\d)")


def names_resident(text: str) -> bool:
    """Tell whether a text holds the identity number of a resident of China (GB 11643).

    Examples
    --------
    >>> names_resident("11010519491231002X"), names_resident("91350100M000100Y43")
    (True, False)
    """
    for found in _RESIDENT.finditer(unicodedata.normalize("NFKC", text)):
        number, born = found[0], found[1]
        total = sum(int(c) * pow(2, 17 - i, 11) for i, c in enumerate(number[:17]))
        with suppress(ValueError):
            date(int(born[:4]), int(born[4:6]), int(born[6:]))
            if "10X98765432"[total % 11] == number[17].upper():
                return True
    return False
