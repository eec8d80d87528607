"""Small boards for experiments with policy."""

from itertools import product as every

import numpy as np

from liandong.match import ExperimentRule, experiment
from liandong.match.experiment.chance import draw, given_shock, in_period
from liandong.match.experiment.market import Crowd
from liandong.schema.arrow import empty
from support.lending import DAY, WAN, parties, products, projects, sales, scores

ARM = {"name": "now", "budget": f"{WAN / 100 * 10_000:.2f}", "micro_share": "0%"}


def board(n=6, *, product=None, need=None, term=12, **score):
    """Return the tables of n firms with a project each, and products by id."""
    ids = [f"F{i:03d}" for i in range(n)]
    wanted = need or [100 * WAN] * n
    given = {
        "project": projects(**{f: {"need": w, "term_months": term}
                              for f, w in zip(ids, wanted, strict=True)}),
        "product": products(**(product or {"P": {}})),
        "score": scores(**{f: {"pd": 20_000 + 500 * i, **score} for i, f in enumerate(ids)}),
        "party": parties(**{f: {"size_class": "micro", "region_id": ("310000", "510000")[i % 2]}
                            for i, f in enumerate(ids)}),
        "feature": sales(**{f: {} for f in ids}),
    }  # fmt: skip
    return {r: given.get(r, empty(r)) for r in experiment.reads}


def rule(*arms, **more):
    """Return the rule of an experiment; arms are changes of a policy without limits."""
    given = [{**ARM, **a} for a in (arms or ({}, {"name": "other"}))]
    plain = {"as_of": DAY, "name": "try", "demand": "100%", "periods": 3, "replications": 3,
             "gap": "0%"}  # fmt: skip
    return ExperimentRule.make(arms=given, **{**plain, **more})


def played(tables, asked):
    """Return paths by (arm, replication, period), and effects by (arm, measure, period)."""
    found = experiment(*(tables[r] for r in experiment.reads), rule=asked)
    paths = {(r["arm"], r["replication"], r["period"]): r
             for r in found["experiment_path"].to_pylist()}  # fmt: skip
    told = {(r["arm"], r["measure"], r["period"]): r
            for r in found["experiment_effect"].to_pylist()}  # fmt: skip
    return paths, told


def by_hand(tables, asked, quoted, replication):
    """Play the first policy of one product another way: every allocation is looked at.

    Parameters
    ----------
    quoted
        Limit in fen and value of a yuan in ppm of each project, by its number.
    """
    crowd, arm = Crowd.of(tables, asked), asked.arms[0]
    terms = tables["product"].to_pylist()[0]
    chance = draw(crowd, asked, replication)
    cash, owed, left, failed, rows = int(arm.budget), {}, {}, set(), []
    for t in range(asked.periods):
        cash += int(arm.added) if t else 0
        asking = [i for i in range(crowd.firms)
                  if chance.asks[t][i] and i not in owed and i not in failed]  # fmt: skip
        lent = _best(asking, quoted, min(cash, terms["capacity"] - sum(owed.values())), terms)
        owed |= lent
        left |= dict.fromkeys(lent, -(-terms["term_months"] // asked.months))
        cash -= sum(lent.values())
        risk = given_shock(in_period(crowd.pd, asked.months), chance.shock[t],
                           int(asked.correlation) / 1e6)  # fmt: skip
        repaid = recovered = guaranteed = lost = 0
        for i in list(owed):
            amount = owed[i]
            if chance.fate[t][i] < risk[i]:
                hole = -(-amount * terms["lgd"] // 10**6)
                covered = hole * terms["guarantee_cover"] // 10**6
                recovered, guaranteed = recovered + amount - hole, guaranteed + covered
                lost += hole - covered
                failed.add(i)
                del owed[i]
            elif left[i] == 1:
                repaid += owed.pop(i)
            else:
                left[i] -= 1
        cash += repaid + recovered + guaranteed
        rows.append({"asked": len(asking), "lent": sum(lent.values()), "loans": len(lent),
                     "repaid": repaid, "recovered": recovered, "guaranteed": guaranteed,
                     "lost": lost, "closing": cash, "book": sum(owed.values())})  # fmt: skip
    return rows


def _best(asking, quoted, room, terms):
    """Return the amounts worth most; all of them are tried."""
    steps = [
        [0, *range(terms["min_amount"], quoted[i][0] + 1, terms["step_amount"])] for i in asking
    ]
    tried = (a for a in every(*steps) if sum(a) <= room)
    best = max(tried, key=lambda a: sum(x * quoted[i][1] for x, i in zip(a, asking, strict=True)))
    return {i: a for i, a in zip(asking, best, strict=True) if a}


def spread(found, arm, field, period=1):
    """Return a field of a period of every replication."""
    return np.array([r[field] for (a, _, t), r in found.items() if (a, t) == (arm, period)])
