"""Expected losses: IFRS 9 stages and losses."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]

SIGNIFICANT, IMPAIRED = 30, 90
"""Days past due that put a loan in stage 2 and in stage 3 (IFRS 9, 5.5.11 and B5.5.37)."""


class Loss(NamedTuple):
    """Expected loss of each loan over the next year and over its life, in the unit of ead."""

    year: Float
    life: Float


def stage(past_due: Int, worse: NDArray[np.bool_], defaulted: NDArray[np.bool_]) -> Int:
    """Return the IFRS 9 stage, 1 to 3, of each loan.

    Parameters
    ----------
    past_due
        Shape (n,), days past due.
    worse
        Whether credit risk has risen significantly since the loan was made, whatever the days.
    defaulted
        Whether the borrower is in default, whatever the days.
    """
    impaired = defaulted | (past_due >= IMPAIRED)
    return np.where(impaired, 3, np.where(worse | (past_due >= SIGNIFICANT), 2, 1))


def expected_loss(pd: Float, lgd: Float, ead: Float, rate: Float) -> Loss:
    """Return the expected losses: the sum over years of PD, LGD, EAD and discount factor.

    Parameters
    ----------
    pd
        Shape (n,), probability of default within a year of who has not defaulted yet; the same
        in every year.
    lgd
        Shape (n,), loss given default, a share.
    ead
        Shape (n, years), exposure in each year; 0 after the end.
    rate
        Shape (n,), effective annual interest rate; losses are discounted from the end of a year.

    Examples
    --------
    >>> one = np.array([0.02]), np.array([0.45]), np.array([[100.0, 50.0]]), np.array([0.0])
    >>> [round(float(x[0]), 6) for x in expected_loss(*one)]
    [0.9, 1.341]
    """
    years = np.arange(ead.shape[1])
    fails = (1 - pd[:, None]) ** years * pd[:, None]
    losses = fails * lgd[:, None] * ead * (1 + rate[:, None]) ** -(years + 1.0)
    return Loss(losses[:, :1].sum(axis=1), losses.sum(axis=1))


class Plan(NamedTuple):
    """How loans are paid back from now on, one entry each.

    Attributes
    ----------
    owed
        What is owed now.
    months
        Months to the last repayment, at least 1.
    level
        Whether all is owed until then; otherwise the debt falls evenly to nothing.
    """

    owed: Float
    months: Int
    level: NDArray[np.bool_]

    def exposure(self, month: int) -> Float:
        """Return what is owed in a month, the next one being 0; nothing after the last."""
        left = np.maximum(self.months - month, 0)
        return np.asarray(np.where(self.level & (left > 0), self.owed, self.owed * left
                                   / self.months), np.float64)  # fmt: skip


def monthly_loss(pd: Float, lgd: Float, plan: Plan, rate: Float) -> Loss:
    """Return the expected losses of loans that run for whole months, month by month.

    :func:`expected_loss` in steps of a month: whoever has not defaulted yet does so in a month
    with probability 1 - (1 - PD)^(1/12); losses are discounted from the end of the month.

    Parameters
    ----------
    pd, lgd
        Shape (n,), probability of default within a year and loss given default, shares.
    plan
        How the loans are paid back.
    rate
        Shape (n,), effective annual interest rate.

    Examples
    --------
    >>> plan = Plan(np.array([100.0]), np.array([12]), np.array([True]))
    >>> year, life = monthly_loss(np.array([0.02]), np.array([0.45]), plan, np.array([0.0]))
    >>> round(float(year[0]), 9), round(float(life[0]), 9)
    (0.9, 0.9)
    """
    stays, left = (1 - pd) ** (1 / 12), np.ones(len(pd))
    worth, total = (1 + rate) ** (-1 / 12), np.zeros(len(pd))
    year, now = total, np.ones(len(pd))
    # One month after the other for all loans: a loan's sum does not depend on its neighbours.
    for month in range(int(plan.months.max(initial=0))):
        now = now * worth
        total = total + left * (1 - stays) * lgd * plan.exposure(month) * now
        left = left * stays
        year = total if month < 12 else year
    return Loss(year, total)


def allowance(stages: Int, loss: Loss, lgd: Float, ead: Float) -> Float:
    """Return what to set aside: a year's loss, a life's, or what a default costs, by stage.

    Parameters
    ----------
    stages
        Shape (n,), as of :func:`stage`.
    loss
        Expected losses.
    lgd, ead
        Shape (n,), loss given default, a share, and what is owed now.
    """
    return np.asarray(np.choose(stages - 1, [loss.year, loss.life, lgd * ead]), np.float64)
