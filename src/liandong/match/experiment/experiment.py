"""The step: policies that are played side by side, their courses, and what they do."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.match.experiment.chance import draw
from liandong.match.experiment.course import Period, course
from liandong.match.experiment.effects import Effect, effects, measured
from liandong.match.experiment.market import Crowd, Market
from liandong.match.experiment.rules import ExperimentRule
from liandong.match.pricing.quote import quote
from liandong.schema.arrow import build
from liandong.step import Tables, fold
from liandong.step.progress import told
from liandong.step.reasons import Reasons
from liandong.types import PPM

Int = NDArray[np.int64]

Courses = dict[str, list[list[Period]]]
"""By policy, then by replication, then by period."""
THREADS = 2
"""How many replications are played side by side; the result does not depend on it."""
WRITTEN = tuple(n for n in Period._fields if n != "places")


@fold(
    reads=quote.reads,
    writes=("experiment", "experiment_path", "experiment_effect"),
    rule=ExperimentRule,
    part=("as_of", "name"),
    needs=quote.needs,
)
def experiment(tables: Tables, rule: ExperimentRule) -> Tables:
    """Try policies on the firms of the board for years, and hold them against the one in force.

    A sandbox (沙盒): each period firms ask by chance, are quoted and served as
    ``match.allocate`` would under the policy, repay or default; what comes back is lent again.
    Chances are the same for all policies, so that replications are pairs. It is a model: firms ask
    and default by the probabilities of their scores and a common fortune alone, their sales and
    projects stay as they are, and what one firm gets changes nothing for another but through the
    money and the limits. The reasons state what was taken for granted.

    Raises
    ------
    DataError
        As ``match.quote`` and ``match.allocate``; also if a change names a product that is not
        there.
    InvariantError
        If a fen of the programme were to appear or vanish.
    """
    crowd = Crowd.of(tables, rule)
    markets = [Market.of(tables, crowd, rule, arm) for arm in rule.arms]

    def play(replication: int) -> list[list[Period]]:
        chance = draw(crowd, rule, replication)
        pairs = zip(markets, rule.arms, strict=True)
        return [course(market, crowd, chance, rule, arm) for market, arm in pairs]

    found: Courses = {arm.name: [] for arm in rule.arms}
    with ThreadPoolExecutor(THREADS) as pool:
        for each in told([pool.submit(play, r) for r in range(1, rule.replications + 1)]):
            for arm, periods in zip(rule.arms, each.result(), strict=True):
                found[arm.name].append(periods)
    need = crowd.by_place(np.arange(len(crowd.firm)), crowd.need)
    by_arm = {name: measured(courses, need) for name, courses in found.items()}
    seen = list(effects(by_arm, int(rule.confidence) / PPM))
    return {**_summary(crowd, found, rule), **_paths(found, rule), **_effects(seen, rule)}


def _summary(crowd: Crowd, found: Courses, rule: ExperimentRule) -> Tables:
    terms = {n: v for n, v in rule.plain().items() if n not in {"as_of", "name"}}
    return _made(
        "experiment", 1, rule,
        arms=[len(rule.arms)],
        periods=[rule.periods],
        months=[rule.months],
        replications=[rule.replications],
        firms=[crowd.firms],
        projects=[len(crowd.firm)],
        terms=[json.dumps(terms, ensure_ascii=False, sort_keys=True)],
        reasons=_assumed(crowd, found, rule),
    )  # fmt: skip


def _made(table: str, rows: int, rule: ExperimentRule, **columns: object) -> Tables:
    """Return a table of the experiment."""
    which = {"as_of": pa.repeat(rule.as_of, rows), "name": pa.repeat(rule.name, rows)}
    return {table: build(table, {**which, **columns})}


def _assumed(crowd: Crowd, found: Courses, rule: ExperimentRule) -> pa.Array:
    """Return what the model takes for granted, one reason each."""
    periods = [p for courses in found.values() for c in courses for p in c]
    value, bound = (sum(getattr(p, n) for p in periods) for n in ("value", "bound"))
    reasons = Reasons(1)
    reasons.add("match.experiment_demand", int(rule.demand))
    reasons.add("match.experiment_pd", int(rule.pd_factor))
    reasons.add("match.experiment_correlation", int(rule.correlation))
    reasons.add("match.experiment_repaid_end", 0, np.array([rule.repayment == "end"]))
    reasons.add("match.experiment_repaid_equal", 0, np.array([rule.repayment == "equal"]))
    reasons.add("match.experiment_money")
    reasons.add("match.experiment_declined")
    reasons.add("match.experiment_closed", crowd.firms)
    reasons.add("match.experiment_paired", rule.replications)
    reasons.add("match.experiment_interval", int(rule.confidence))
    reasons.add("match.experiment_gap", -((value - bound) * PPM // max(bound, 1)))
    return reasons.column()


def _paths(found: Courses, rule: ExperimentRule) -> Tables:
    rows = [
        (name, replication, period, p)
        for name, courses in found.items()
        for replication, c in enumerate(courses, start=1)
        for period, p in enumerate(c, start=1)
    ]
    return _made(
        "experiment_path", len(rows), rule,
        arm=[r[0] for r in rows],
        replication=[r[1] for r in rows],
        period=[r[2] for r in rows],
        **{n: [getattr(r[3], n) for r in rows] for n in WRITTEN},
    )  # fmt: skip


def _effects(seen: list[Effect], rule: ExperimentRule) -> Tables:
    def known(name: str) -> pa.Array:
        values = np.array([getattr(e, name) for e in seen], np.float64)
        return pa.array(values, mask=np.isnan(values))

    numbers = ("value", "low", "high", "difference", "diff_low", "diff_high")
    return _made(
        "experiment_effect", len(seen), rule,
        **{n: [getattr(e, n) for e in seen] for n in ("arm", "period", "measure", "n", "verdict")},
        **{n: known(n) for n in numbers},
    )  # fmt: skip
