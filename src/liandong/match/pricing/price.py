"""The price of one loan, without tables: every term of the rate, and what everybody makes of it."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.errors import InputError
from liandong.match.pricing.capital import Capital
from liandong.match.pricing.costs import NO_RATE, TERMS, Costs, Curve, best_rate
from liandong.match.pricing.value import NO_RETURN, all_in, raroc
from liandong.texts import both
from liandong.types import PPM, Rate

Int = NDArray[np.int64]

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


class Conditions(NamedTuple):
    """What a loan is made of but for who borrows; rates and shares in ppm.

    Attributes
    ----------
    lgd
        Loss given default.
    funding, operating
        Cost of funds and of operation.
    least, most
        Rates that the product allows.
    ceiling
        The policy ceiling of the rate.
    cover, lender_fee, borrower_fee
        Share that a guarantor covers, and the fees that the lender and the borrower pay him.
    subsidy
        What the state takes over of the rate.
    margin
        Added to the floor rate where it is not known who is lost at which rate.
    """

    lgd: Rate
    funding: Rate
    operating: Rate
    most: Rate
    least: Rate = NONE
    ceiling: Rate = Rate(PPM)
    cover: Rate = NONE
    lender_fee: Rate = NONE
    borrower_fee: Rate = NONE
    subsidy: Rate = NONE
    margin: Rate = NONE


def price(
    pd: Rate,
    conditions: Conditions,
    capital: Capital = BASEL,
    churn: list[tuple[Rate, Rate]] | None = None,
) -> Price:
    """Return the price of a loan of a yuan.

    The floor rate is (funding + operating + PD LGD (1 - cover) + fee + hurdle * capital) /
    (1 - PD), with capital for what is covered and for what is not. The rate is the one that earns
    most where it is known who is lost at which rate, otherwise the floor rate and a margin.

    Parameters
    ----------
    pd
        Probability of default within a year.
    conditions
        Of the loan.
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
    >>> bank = Conditions(lgd=Rate.parse("45%"), funding=Rate.parse("2.2%"),
    ...                   operating=Rate.parse("0.8%"), most=Rate.parse("15%"))
    >>> found = price(Rate.parse("3%"), bank)
    >>> found.floor_rate, found.rate, found.raroc
    (54588, 54588, 120000)
    >>> sum(found.parts.values())
    54588
    >>> price(Rate.parse("3%"), bank._replace(cover=Rate.parse("80%"))).floor_rate
    37739
    >>> price(Rate.parse("30%"), bank).too_dear
    'expected_loss'
    """
    _check(pd, conditions, churn)
    costs, held = _costs(pd, conditions, capital)
    floor, cap = costs.floor_rate(), min(conditions.most, conditions.ceiling)
    told = int(floor[0]) if floor[0] != NO_RATE else None
    parts, loss = _parts(costs, told), int(-(-costs.expected_loss[0] // PPM))
    needed = max(int(floor[0]), conditions.least)
    if told is None or needed > cap:
        dear = "lowest_rate" if told is not None and told <= cap else TERMS[costs.largest()[0]]
        return Price(told, None, parts, dear, max(needed - cap, 0), 0, loss, None, 0, None)
    curve = Curve(*(np.array(c, np.int64) for c in zip(*churn, strict=True))) if churn else None
    low, high, subsidy, fee = (
        np.array([v], np.int64)
        for v in (conditions.least, cap, conditions.subsidy, conditions.borrower_fee)
    )
    rate, profit = best_rate(costs, floor, low, high, curve, conditions.margin)
    earned = int(raroc(costs, floor, rate, held, capital.hurdle)[0])
    taken, paid = all_in(rate, subsidy, fee)
    return Price(
        told, int(rate[0]), parts, None, 0, int(profit[0]), loss,
        None if earned == NO_RETURN else earned, int(taken[0]), int(paid[0]),
    )  # fmt: skip


def _costs(pd: Rate, c: Conditions, capital: Capital) -> tuple[Costs, Int]:
    """Return the costs of one loan, and the capital that a yuan of it ties up."""
    risk, funding, operating, lgd, cover, fee = (
        np.array([v], np.int64) for v in (pd, c.funding, c.operating, c.lgd, c.cover, c.lender_fee)
    )
    charge, held = capital.charge(cover, risk, lgd), capital.held(cover, risk, lgd)
    return Costs.of(risk, funding, operating, lgd, cover, charge, fee), held


def _parts(costs: Costs, floor: int | None) -> dict[str, int]:
    parts = {t: int(getattr(costs, t)[0] + PPM // 2) // PPM for t in TERMS}
    return parts if floor is None else {**parts, "default": floor - sum(parts.values())}


def _check(pd: Rate, conditions: Conditions, churn: list[tuple[Rate, Rate]] | None) -> None:
    """Refuse what is no share, bounds in reverse, and a curve that goes back."""
    curve = [(f"churn {i}", v) for i, point in enumerate(churn or ()) for v in point]
    for name, value in (("pd", pd), *conditions._asdict().items(), *curve):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or not 0 <= value <= PPM:
            what = both("fault.price_share", name=name, value=value)
            raise InputError(file="price", what=what, remedy=both("advice.price_share"))
    steady = all(a < b for (a, _), (b, _) in pairwise(churn or ()))
    if conditions.least > conditions.most or not steady:
        what = both("fault.price_order")
        raise InputError(file="price", what=what, remedy=both("advice.price_share"))
