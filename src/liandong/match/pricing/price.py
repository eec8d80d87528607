"""The price of one loan, without tables: every term of the rate, and what everybody makes of it."""

from typing import NamedTuple

import numpy as np

from liandong.errors import InputError
from liandong.match.pricing.capital import PPM, Capital
from liandong.match.pricing.costs import NO_RATE, TERMS, Costs, Curve, best_rate
from liandong.match.pricing.value import NO_RETURN, all_in, raroc
from liandong.texts import both
from liandong.types import Rate

BASEL = Capital(hurdle=120_000, ratio=105_000, weight=750_000, covered_weight=200_000)
"""A return of 12 % on capital of 10.5 %; weights of small firms and of guarantors."""
NONE = Rate(0)


class Price(NamedTuple):
    """What a loan costs and brings, ppm a year.

    Attributes
    ----------
    floor_rate
        The lowest rate that covers all costs; None if no rate does.
    rate
        The rate; None where the floor rate is above what is allowed.
    parts
        What the floor rate is made of: the costs, each rounded, and ``default``, the interest that
        defaulters do not pay; they add up to it.
    too_dear
        The largest cost where there is no rate, else None.
    over
        By how much the floor rate is above what is allowed.
    profit
        Expected profit of a yuan offered, after the cost of capital, with those lost to the rate.
    expected_loss
        PD times LGD times what is not covered.
    raroc
        Return on capital; None without capital or without a rate.
    subsidy, all_in_rate
        What the state takes over, and what the borrower pays in all, the guarantor included.
    """

    floor_rate: int | None
    rate: int | None
    parts: dict[str, int]
    too_dear: str | None
    over: int
    profit: int
    expected_loss: int
    raroc: int | None
    subsidy: int
    all_in_rate: int | None


def price(
    *,
    pd: Rate,
    lgd: Rate,
    funding: Rate,
    operating: Rate,
    most: Rate,
    cover: Rate = NONE,
    lender_fee: Rate = NONE,
    least: Rate = NONE,
    ceiling: Rate | None = None,
    subsidy: Rate = NONE,
    borrower_fee: Rate = NONE,
    margin: Rate = NONE,
    capital: Capital = BASEL,
    churn: list[tuple[Rate, Rate]] | None = None,
) -> Price:
    """Return the price of a loan of a yuan.

    The floor rate is (funding + operating + PD LGD (1 - cover) + fee + hurdle * capital) /
    (1 - PD), with capital for what is covered and for what is not. The rate is the one that earns
    most where it is known who is lost at which rate, otherwise the floor rate and a margin.

    Parameters
    ----------
    pd, lgd
        Probability of default, and loss given default.
    funding, operating
        Cost of funds and of operation.
    least, most
        Rates that the product allows.
    cover, lender_fee, borrower_fee
        Share that a guarantor covers, and the fees that the lender and the borrower pay him.
    ceiling
        The policy ceiling of the rate.
    subsidy
        What the state takes over of the rate.
    margin
        Added to the floor rate without ``churn``.
    capital
        What the owners want.
    churn
        Points (rate, share of borrowers lost), with ascending rates.

    Raises
    ------
    InputError
        If a share or a rate is not between 0 and 100 %, the allowed rates are in reverse, or the
        points of the curve do not ascend.

    Examples
    --------
    >>> bank = dict(lgd=Rate.parse("45%"), funding=Rate.parse("2.2%"), operating=Rate.parse("0.8%"),
    ...             most=Rate.parse("15%"))
    >>> found = price(pd=Rate.parse("3%"), **bank)
    >>> found.floor_rate, found.rate, found.raroc
    (54588, 54588, 120004)
    >>> sum(found.parts.values())
    54588
    >>> price(pd=Rate.parse("3%"), cover=Rate.parse("80%"), **bank).floor_rate
    37739
    >>> price(pd=Rate.parse("30%"), **bank).too_dear
    'expected_loss'
    """
    given = {
        "pd": pd, "lgd": lgd, "funding": funding, "operating": operating, "cover": cover,
        "lender_fee": lender_fee, "least": least, "most": most, "subsidy": subsidy,
        "borrower_fee": borrower_fee, "margin": margin, "ceiling": most if ceiling is None else ceiling,
    }  # fmt: skip
    _check(given, churn)
    one = {n: np.array([v], np.int64) for n, v in given.items()}
    cap = np.minimum(one["most"], one["ceiling"])
    held = capital.held(one["cover"], one["pd"], one["lgd"])
    costs = Costs.of(
        one["pd"], one["funding"], one["operating"], one["lgd"], one["cover"],
        capital.charge(one["cover"], one["pd"], one["lgd"]), one["lender_fee"],
    )  # fmt: skip
    floor = costs.floor_rate()
    told = int(floor[0]) if floor[0] != NO_RATE else None
    loss = int(-(-costs.expected_loss[0] // PPM))
    needed = int(max(floor[0], least))
    if told is None or needed > cap[0]:
        dear = "lowest_rate" if told is not None and told <= cap[0] else TERMS[costs.largest()[0]]
        over = max(needed - int(cap[0]), 0)
        return Price(told, None, _parts(costs, told), dear, over, 0, loss, None, 0, None)
    curve = Curve(*(np.array(c, np.int64) for c in zip(*churn, strict=True))) if churn else None
    rate, profit = best_rate(costs, floor, one["least"], cap, curve, margin)
    earned = int(raroc(costs, floor, rate, held, capital.hurdle)[0])
    taken, paid = all_in(rate, one["subsidy"], one["borrower_fee"])
    return Price(
        told, int(rate[0]), _parts(costs, told), None, 0, int(profit[0]), loss,
        None if earned == NO_RETURN else earned, int(taken[0]), int(paid[0]),
    )  # fmt: skip


def _parts(costs: Costs, floor: int | None) -> dict[str, int]:
    parts = {t: int(getattr(costs, t)[0] + PPM // 2) // PPM for t in TERMS}
    return parts if floor is None else {**parts, "default": floor - sum(parts.values())}


def _check(given: dict[str, Rate], churn: list[tuple[Rate, Rate]] | None) -> None:
    """Refuse what is no share, bounds in reverse, and a curve that goes back."""
    for name, value in given.items():
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or not 0 <= value <= PPM:
            what = both("fault.price_share", name=name, value=value)
            raise InputError(file="price", what=what, remedy=both("advice.price_share"))
    rates = [r for r, _ in churn or ()]
    shares = [s for _, s in churn or ()]
    steady = all(a < b for a, b in zip(rates, rates[1:], strict=False))
    if given["least"] > given["most"] or not steady or not all(0 <= s <= PPM for s in shares):
        what = both("fault.price_order")
        raise InputError(file="price", what=what, remedy=both("advice.price_share"))
