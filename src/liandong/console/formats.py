"""How numbers, amounts, rates and days are written in Chinese and in English."""

from datetime import date, datetime, time

from liandong.types import CHINA, Money

MINUS = "\N{MINUS SIGN}"
"""Times are shown as the clocks of China show them; pages carry UTC beside."""
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
CNY = "CNY"
_UNITS = ((10**8, "亿"), (10**4, "万"))


def number(value: float | None, lang: str = "en", digits: int = 0) -> str:
    """Write a number with thousands separators; nothing for None.

    Examples
    --------
    >>> number(1234567), number(-0.1234, digits=2)
    ('1,234,567', '−0.12')
    """
    del lang  # both languages separate thousands alike
    return "" if value is None else _sign(f"{value:,.{digits}f}")


def measured(value: float) -> str:
    """Write a measured figure: four significant digits, all of them before the point.

    Examples
    --------
    >>> measured(82_553.2), measured(0.065836), measured(0.0)
    ('82,553', '0.06584', '0')
    """
    return _sign(f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}")


def span(low: float | None, high: float | None) -> str:
    """Write the bounds of a bin: above ``low``, up to ``high``.

    Examples
    --------
    >>> span(None, 2.5), span(2.5, 1e4), span(1e4, None), span(None, None)
    ('≤ 2.5', '2.5 – 10,000', '> 10,000', '–')
    """
    if low is not None and high is not None:
        return f"{measured(low)} – {measured(high)}"
    if low is not None:
        return f"> {measured(low)}"
    return "–" if high is None else f"≤ {measured(high)}"


def yuan(fen: int | None) -> str:
    """Write an amount to the fen: ``1,234.50``."""
    return "" if fen is None else _sign(Money(fen).yuan())


def units(value: int | None, places: int) -> str:
    """Write minor units of a unit with so many decimal places, to the last one.

    Examples
    --------
    >>> units(-1_234_567, 3), units(5, 2), units(1200, 0)
    ('−1,234.567', '0.05', '1,200')
    """
    if value is None:
        return ""
    whole, part = divmod(abs(value), 10**places)
    tail = f".{part:0{places}d}" if places else ""
    return (MINUS if value < 0 else "") + f"{whole:,}{tail}"


def money(fen: int | None, lang: str = "en", currency: str = CNY) -> str:
    """Write an amount for reading: in 万 and 亿 in Chinese, in whole yuan from 10,000 in English.

    An amount in another currency than yuan, in hundredths of it, names that.

    Examples
    --------
    >>> money(12_345_678_900, "zh"), money(123_456, "zh"), money(12_345_678_900)
    ('1.23 亿元', '1,234.56 元', '123,456,789')
    >>> money(12_345_678_900, "zh", "USD"), money(123_456, "en", "USD")
    ('1.23 亿 USD', '1,234.56 USD')
    """
    if fen is None:
        return ""
    name = f" {currency}" if currency != CNY else ""
    if lang == "zh":
        return _chinese(fen, name or "元")
    plain = f"{_rounded(fen, 1) if abs(fen) >= 10**6 else fen / 100:,.{_places(fen)}f}"
    return (_sign(plain) if fen else "0") + name


def _chinese(fen: int, name: str) -> str:
    for size, unit in _UNITS:
        if abs(fen) >= size * 100:
            return _sign(f"{_rounded(fen, size):,.2f} {unit}{name}")
    return (yuan(fen) if fen else "0") + (f" {name}" if name == "元" else name)


def _places(fen: int) -> int:
    return 0 if abs(fen) >= 10**6 else 2


def _rounded(fen: int, size: int) -> float:
    """Return fen in ``size`` yuan to two decimals (whole yuan for 1), halves away from zero."""
    step = size if size > 1 else 100  # fen in a hundredth of the unit; a whole yuan
    steps = (abs(fen) + step // 2) // step
    value = steps / 100 if size > 1 else float(steps)
    return -value if fen < 0 else value


def rate(ppm: int | None, lang: str = "en") -> str:
    """Write parts per million as percent with two decimals: ``4.35%``."""
    del lang
    return "" if ppm is None else _sign(f"{ppm / 10_000:,.2f}%")


def day(value: date | None, lang: str = "en") -> str:
    """Write a day: ``28 Feb 2020``, ``2020年2月28日``."""
    if value is None:
        return ""
    if lang == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime | None, lang: str = "en") -> str:
    """Write a time as the clocks of China show it, to the second."""
    if value is None:
        return ""
    local = value.astimezone(CHINA)
    if local.time() == time.max:  # the evening of a day, in which that day is judged
        return day(local.date(), lang)
    return f"{day(local.date(), lang)} {local:%H:%M:%S}"


def day_of(value: datetime, lang: str = "en") -> str:
    """Write the day of a moment as calendars of China show it."""
    return day(value.astimezone(CHINA).date(), lang)


def size(count: int | None) -> str:
    """Write a number of bytes: ``1.5 MB``."""
    value = float(count or 0)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def _sign(text: str) -> str:
    return text.replace("-", MINUS)


def compact(value: float, kind: str, lang: str = "en") -> str:
    """Write a figure in the room of a map tile: ``20万``, ``200k``; amounts are in fen.

    Examples
    --------
    >>> compact(20_012_300, "money", "zh"), compact(20_012_300, "money"), compact(7, "int")
    ('20万', '200k', '7')
    >>> compact(1_234_567_800, "money", "zh"), compact(51_600, "rate")
    ('1,235万', '5.16%')
    """
    if kind in {"rate", "share"}:
        return _sign(f"{_three(value / 10_000 if kind == 'rate' else value * 100)}%")
    whole = value / 100 if kind == "money" else value
    units = _UNITS if lang == "zh" else ((10**9, "bn"), (10**6, "m"), (10**3, "k"))
    for size_, unit in units:
        if abs(whole) >= size_:
            return _sign(f"{_three(whole / size_)}{unit}")
    return _sign(_three(whole))


def told(value: float, kind: str, lang: str = "en") -> str:
    """Write a figure of a map or a comparison in full, by its kind.

    Examples
    --------
    >>> told(123_456, "money"), told(123_456, "rate"), told(1234, "int"), told(0.51234, "float")
    ('1,234.56', '12.35%', '1,234', '0.5123')
    """
    if kind == "money":
        return money(int(value), lang)
    if kind in {"rate", "share"}:
        return rate(round(value * (1 if kind == "rate" else 1e6)))
    return number(value) if kind == "int" else measured(value)


def _three(value: float) -> str:
    """Write three significant digits, and all of them before the point."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
