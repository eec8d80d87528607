"""The three ways to value a data asset, each in whole fen with an interval and what it is made of.

Parts, reasons whose code begins with ``match.data_part_``, add up to the value exactly. The methods
are those of the guideline on the appraisal of data assets (China Appraisal Society, 2023).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Self

from liandong.types import PPM

YEAR = 365
"""Days."""


class Valued(NamedTuple):
    """A value with its interval, fen, and its reasons as (code, points); None where unknown."""

    value: int | None
    low: int | None
    high: int | None
    reasons: list[tuple[str, int]]

    @classmethod
    def unknown(cls, code: str, points: int = 0) -> Self:
        """Return no value, and why there is none."""
        return cls(None, None, None, [(code, points)])


class Earned(NamedTuple):
    """What an asset earned.

    Attributes
    ----------
    by
        Fen of the last year by licensee, related parties left out.
    before
        Fen of the year before, without related parties.
    related
        Fen of the last year that related parties paid.
    days
        Days since the first income of anybody else, 0 without one.
    """

    by: Mapping[str, int]
    before: int
    related: int
    days: int


class Sold(NamedTuple):
    """A sale to compare with: price in fen, quality in ppm, records, days since it."""

    sale_id: str
    amount: int
    quality: int
    records: int
    days: int


def by_cost(spent: Mapping[str, int], quality: Sequence[int], age: int, left: int) -> Valued:
    """Return cost x coefficient of quality x share of the life that is left.

    Parameters
    ----------
    spent
        Fen by kind of cost.
    quality
        Scores of all sides of quality, ppm: their mean counts, the worst and the best are the ends
        of the interval.
    age, left
        Days since the first cost, and of use that are left.
    """
    whole = sum(spent.values())
    if not whole:
        return Valued.unknown("match.data_no_cost")

    def at(score: int) -> int:
        return whole * score * left // (PPM * max(age + left, 1))

    mean = sum(quality) // len(quality)
    value, good = at(mean), whole * mean // PPM
    parts = [(f"match.data_part_spent(data_{kind})", fen) for kind, fen in sorted(spent.items())]
    parts += [
        ("match.data_part_quality", good - whole),
        ("match.data_part_age", value - good),
    ]
    return Valued(value, at(min(quality)), at(max(quality)), parts)


def present(income: int, left: int, decay: int, discount: int) -> list[int]:
    """Return what the income of each year to come is worth now, fen, each rounded down.

    Year t brings ``income (1 - decay)^t``, paid at its end and worth ``(1 + discount)^t`` less; a
    last year that is not whole brings its part.

    Parameters
    ----------
    income
        Fen of the last year.
    left
        Days of use that are left.
    decay, discount
        Ppm a year.

    Examples
    --------
    >>> sum(present(121_000_000, 2 * 365, 0, 100_000))  # 110 million + 100 million
    210000000
    """
    return [
        income * (PPM - decay) ** t * min(YEAR, left - YEAR * (t - 1))
        // ((PPM + discount) ** t * YEAR)
        for t in range(1, -(-left // YEAR) + 1)
    ]  # fmt: skip


def by_income(earned: Earned, left: int, decay: int, discount: int, least_days: int) -> Valued:
    """Return the present value of the licence income of the years that are left.

    Income falls by ``decay`` a year, or as fast as it fell in the last one if that was faster. At
    the low end the largest licensee leaves after a year; at the high end nothing falls.

    Parameters
    ----------
    least_days
        With a shorter history there is no value.
    """
    income = sum(earned.by.values())
    if not income:
        code = "match.data_only_related" if earned.related else "match.data_no_income"
        return Valued.unknown(code, earned.related)
    if earned.days < least_days:
        return Valued.unknown("match.data_short_history", earned.days)
    fell = max(PPM - income * PPM // max(earned.before, income), decay)
    top = max(earned.by, key=lambda who: (earned.by[who], who))
    years = present(income, left, fell, discount)
    others = present(income - earned.by[top], left, fell, discount)
    parts = [(f"match.data_part_year({t})", fen) for t, fen in enumerate(years, 1)]
    told = [
        ("match.data_income", income),
        ("match.data_income_falls", fell),
        (f"match.data_income_top({top})", earned.by[top] * PPM // income),
    ]
    if earned.related:
        told.append(("match.data_income_related", earned.related))
    low, high = sum(years[:1]) + sum(others[1:]), sum(present(income, left, 0, discount))
    return Valued(sum(years), low, high, parts + told)


def by_market(
    quality: int, records: int, sales: Iterable[Sold], decay: int, least: int
) -> Valued:  # fmt: skip
    """Return the median of prices of comparable data, adjusted to this asset.

    A price is lowered in proportion where this asset is worse or smaller, and by ``decay`` for each
    year since; what is better or larger gains nothing. Where the median lies between two prices the
    lower counts; the interval is that of the quartiles, the outer of two prices.

    Parameters
    ----------
    quality, records
        Mean score (ppm) and records of the asset.
    sales
        Comparable sales.
    decay
        Ppm a year.
    least
        With fewer sales there is no value.
    """
    found = sorted((_adjusted(quality, records, s, decay) for s in sales), key=lambda p: p[::-1])
    if len(found) < least:
        return Valued.unknown("match.data_few_sales", len(found))
    last = len(found) - 1
    sale, first, good, sized, value = found[last // 2]
    parts = [
        (f"match.data_part_sale({sale})", first),
        ("match.data_part_worse", good - first),
        ("match.data_part_smaller", sized - good),
        ("match.data_part_older", value - sized),
    ]
    told = [*(p for p in parts if p[1]), ("match.data_sales", len(found))]
    return Valued(value, found[last // 4][-1], found[last - last // 4][-1], told)


def _adjusted(quality: int, records: int, s: Sold, decay: int) -> tuple[str, int, int, int, int]:
    """Return the sale, and its price step by step: as paid, by quality, by size, by age."""
    good = s.amount * min(quality, s.quality) // max(s.quality, 1)
    sized = good * min(records, s.records) // s.records
    value = sized * max(PPM * YEAR - decay * s.days, 0) // (PPM * YEAR)
    return s.sale_id, s.amount, good, sized, value


def prudent(found: Mapping[str, Valued], *, low: bool) -> Valued:
    """Return the lending value: the least of what the methods say.

    What an asset cost does not show that anybody pays for it: without income or sales to compare
    with it has no lending value.

    Parameters
    ----------
    found
        By method.
    low
        Whether the low ends count, and not the values.
    """
    known = {m: v for m, v in found.items() if v.value is not None}
    if not known.keys() - {"cost"}:
        return Valued.unknown("match.data_unproved")
    least = {m: (v.low if low else v.value) or 0 for m, v in known.items()}
    method = min(sorted(least), key=lambda m: least[m])
    value = known[method].value or 0
    parts = [(f"match.data_part_least(data_{method})", value)]
    if low:
        parts.append(("match.data_part_prudence", least[method] - value))
    high = max(v.high or 0 for v in known.values())
    return Valued(least[method], min(v.low or 0 for v in known.values()), high, parts)
