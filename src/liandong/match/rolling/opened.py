"""A round opened on a day: its pool, what has gone before, what is expected; prices as rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.allocation.pacing import Posted
from liandong.match.allocation.pool import FINE, Pool, pool
from liandong.match.core.problem import slack
from liandong.match.rolling.round import Round
from liandong.match.rolling.rules import RollingRule
from liandong.step import Tables, output
from liandong.step.reasons import Reasons
from liandong.texts import both
from liandong.types import PPM, YUAN

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class Opened:
    """A day of a round.

    Attributes
    ----------
    pool
        The quotes of the day.
    round
        What is left after the days before.
    more
        Shape (projects,): how many like each are expected after the day, by the forecast.
    """

    pool: Pool
    round: Round
    more: Float

    @classmethod
    def of(cls, tables: Tables, rule: RollingRule) -> "Opened":
        """Open the round on the day of the rule.

        Raises
        ------
        DataError
            If quotes and products do not fit, if a decision has no quote, or if the forecast is
            about a category of which nobody is in the pool.
        """
        today = pool(tables["quote"], tables["product"], rule)
        opened = Round(today.problem, rule)
        for day in _days_before(tables["decision"], rule):
            _take(opened, tables, rule.changed(as_of=day))
        return cls(today, opened, _expected(today, opened, tables["volume_forecast"], rule))

    def post(self, still: Bool) -> Posted:
        """Make prices from the projects that are still open and from the forecast."""
        weight = still + self.more
        some = np.flatnonzero(weight > 0)
        return self.round.post(some, weight[some])

    @cached_property
    def limits(self) -> list[str]:
        """What the limits are called, products first."""
        ids = self.pool.products["product_id"].to_pylist()
        return [*(f"product:{p}" for p in ids), *(s.name for s in self.pool.problem.sides)]

    def rows(self, name: str, made: list[Posted], first: int, rule: RollingRule) -> Tables:
        """Return versions of prices as rows of a table, numbered from ``first``."""
        count, m = len(self.limits), len(self.pool.problem.capacity)
        price = _flat([np.append(p.product, p.side) for p in made])
        left = _flat([np.append(p.left, p.spare) for p in made])
        none = np.zeros(m, np.int64)
        reserve = _flat([np.append(none, p.reserve) for p in made])
        doubt = _flat([np.append(none, p.doubt) for p in made])
        ahead = np.repeat(np.array([p.ahead for p in made], np.int64), count)
        reasons = Reasons(len(price))
        reasons.add("match.bid_scarce", price // FINE, price > 0)
        reasons.add("match.bid_idle", 0, price == 0)
        reasons.add("match.bid_ahead", ahead // YUAN)
        reasons.add("match.bid_reserve", reserve // YUAN, reserve > 0)
        reasons.add("match.bid_doubt", doubt // YUAN, doubt > 0)
        return output(
            name,
            version=np.repeat([version(rule, first + i) for i in range(len(made))], count).tolist(),
            limit_id=self.limits * len(made),
            as_of=[rule.as_of] * len(price),
            price=price,
            left=left,
            reserve=reserve,
            doubt=doubt,
            ahead=ahead,
            seen=np.repeat(np.array([p.seen for p in made], np.int64), count),
            reasons=reasons.column(),
        )


def _flat(parts: list[Int]) -> Int:
    return np.concatenate([*parts, np.zeros(0, np.int64)])


def version(rule: RollingRule, number: int) -> str:
    """Return the name of a version of prices of the day."""
    return f"{rule.as_of}/{number:04d}"


def _days_before(decision: pa.Table, rule: RollingRule) -> list[object]:
    """Return the days of the round on which something was decided before this one."""
    first = rule.opens or rule.as_of
    days = pc.unique(decision["as_of"]).to_pylist()
    return sorted(d for d in days if first <= d < rule.as_of)


def _take(opened: Round, tables: Tables, rule: RollingRule) -> None:
    """Take away what was decided on an earlier day."""
    decided = tables["decision"].filter(
        pc.equal(tables["decision"]["as_of"], pa.scalar(rule.as_of))
    )
    given = decided.filter(pc.greater(decided["amount"], 0))
    then = pool(tables["quote"], tables["product"], rule)
    keys = pc.binary_join_element_wise(then.arcs["project_id"], then.arcs["product_id"], "\n")
    asked = pc.binary_join_element_wise(given["project_id"], given["product_id"], "\n")
    at = pc.index_in(asked, value_set=keys.combine_chunks())
    if at.null_count:
        lost = given.filter(pc.is_null(at))["project_id"][0].as_py()
        what = both("fault.decision_quote", project=lost, day=rule.as_of)
        raise DataError(file="decision", what=what, remedy=both("advice.quote_again"))
    arc, amount = at.to_numpy().astype(np.int64), given["amount"].to_numpy()
    used = then.problem.used(arc, amount)
    added = [(slack(then.problem, s, arc, amount) + s.least) // PPM for s in then.problem.sides]
    opened.take(used, np.array(added, np.int64), pc.sum(decided["asked"]).as_py() or 0)


def _expected(today: Pool, opened: Round, forecast: pa.Table, rule: RollingRule) -> Float:
    """Return how many like each project are still to come by the forecast of the day."""
    rows = forecast.filter(pc.equal(forecast["as_of"], pa.scalar(rule.as_of)))
    more, asked = np.zeros(today.problem.projects), opened.asked
    micro = np.zeros(len(more), bool)
    known = pc.fill_null(today.quotes["micro"], fill_value=False).to_numpy()
    micro[today.project] = known
    for row in rows.to_pylist():
        inside = micro == (row["category"] == "micro")
        here = float(asked[inside].sum())
        if row["volume"] and not here:
            what = both("fault.forecast_category", category=row["category"])
            raise DataError(file="volume_forecast", what=what, remedy=both("advice.open_pool"))
        if row["volume"]:
            more[inside] = row["volume"] / here
    return more
