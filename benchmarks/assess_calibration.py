"""Calibration out of time: small-business loans of a sample drawn by outcome, moved to 17.5 %.

Learnt from the years up to 2002, judged on 2003 and 2004. How many years to learn from and which
calibration to take are chosen on 2001 and 2002 by what was learnt from the years before. Fields
that are known at application alone. Weights make the test sample what a population with the true
default rate would be; ``error_by_chance`` is what true forecasts would show on so few rows.
"""

from importlib.util import find_spec

from liandong.testing.data import data_folder
from measure import figures, measure

CODE = """
import json, sys, time, warnings
import numpy as np, pyarrow as pa, pyarrow.compute as pc, pyarrow.parquet as pq
from liandong.assess import BoostedClassifier, OptimalBinning, calibrate, compare
from liandong.assess.card.folds import parts
from liandong.kernels.scores.calibration import (
    calibration_error, calibration_index, calibration_line, log_odds, probability, unseen_rate)
from liandong.kernels.scores.logit import fit_logit
from liandong.kernels.scores.roc import delong
from liandong.types import Rate

warnings.filterwarnings("ignore")
PRIOR = Rate(175_000)
METHODS = ("platt", "beta", "isotonic")
t = pq.read_table(sys.argv[1] + "/sba_balanced_until_fy2004.parquet")
number = lambda name: t[name].to_numpy().astype(float)
columns = {name: number(name) for name in ("gr_appv", "no_emp", "new_exist", "create_job",
                                           "retained_job", "urban_rural")}
columns |= {name: t[name].cast(pa.string()) for name in ("state", "rev_line_cr", "low_doc")}
columns["guaranteed"] = number("sba_appv") / number("gr_appv")
columns["franchise"] = (number("franchise_code") > 1).astype(float)
columns["sector"] = pa.array([str(int(n))[:2] for n in number("naics")])
columns["home"] = pc.equal(t["state"], t["bank_state"]).cast(pa.float64()).to_numpy()
x, bad, year = pa.table(columns), number("default") > 0, number("approval_fy")

class Scorecard:
    "Optimal bins, weights of evidence, a logistic regression."
    def fit(self, x, y):
        self.bins = OptimalBinning(min_share=Rate(20_000), threads=1).fit(x, y)
        woe = np.ascontiguousarray(-self.bins.transform(x))
        self.beta = fit_logit(woe, y.astype(float), 1.0)
        return self
    def decision_function(self, x):
        return self.beta[0] - self.bins.transform(x) @ self.beta[1:]

def split(first, last, until):
    learn, test = (year >= first) & (year <= last), (year > last) & (year <= until)
    return [(x.filter(pa.array(r)), bad[r]) for r in (learn, test)]

def unseen(make, x, y, folds=4):
    "Risk of each row by a model that has not seen it."
    part, risk = parts(y, folds, np.random.default_rng(1)), np.empty(len(y))
    for k in range(folds):
        model = make().fit(x.filter(pa.array(part != k)), y[part != k])
        risk[part == k] = model.decision_function(x.filter(pa.array(part == k)))
    return risk

def weigh(y):
    "Rows of the sample as the population with the true default rate has them."
    rate = PRIOR / 1e6
    return np.where(y, rate / y.mean(), (1 - rate) / (1 - y.mean()))

def forecast(make, learn, test):
    risk = make().fit(*learn).decision_function(test[0])
    own = unseen(make, *learn)
    w = weigh(test[1])
    cards = {m: calibrate(own, learn[1], m, PRIOR) for m in METHODS}
    return risk, w, cards, {m: c.towards(PRIOR, risk, w) for m, c in cards.items()}

def chosen(make):
    best = []
    for first in (1989, 1993, 1997):
        learn, test = split(first, 2000, 2002)
        risk, w, _, moved = forecast(make, learn, test)
        best += [(calibration_error(c.pd(risk), test[1], weight=w), first, m)
                 for m, c in moved.items()]
    error, first, method = min(best)
    return error, first + 2, method  # as many years, up to 2002

def by_chance(pd, w, y):
    "Mean error of forecasts that are true, for so few rows."
    r, odds = np.random.default_rng(1), log_odds(pd) + np.log(w[~y][0] / w[y][0])
    found = []
    for _ in range(20):
        drawn = r.random(len(pd)) < probability(odds)
        found.append(calibration_error(pd, drawn, weight=np.where(drawn, w[y][0], w[~y][0])))
    return float(np.mean(found))

def judged(make):
    before, first, method = chosen(make)
    learn, test = split(first, 2002, 2004)
    risk, w, cards, moved = forecast(make, learn, test)
    y, pd = test[1], moved[method].pd(risk)
    raw = calibrate(unseen(make, *learn), learn[1], method).pd(risk)
    area, error = delong(risk, y)
    return {
        "learnt_from": first, "method": method, "rows": len(learn[1]), "rows_test": len(y),
        "auc_out_of_time": area, "auc_error": error, "error_when_chosen": before,
        "error": calibration_error(pd, y, weight=w), "index": calibration_index(pd, y, w),
        "error_by_chance": by_chance(pd, w, y),
        "error_prior_of_sample": calibration_error(cards[method].pd(risk), y, weight=w),
        "error_uncorrected": calibration_error(raw, y, weight=w),
        "unseen_rate": unseen_rate(raw, learn[1].mean()), "true_rate": float(y.mean()),
    }

started = time.process_time()
found = {"sba." + k: v for k, v in judged(Scorecard).items()}
if sys.argv[2] == "full":
    boosted = lambda: BoostedClassifier(min_rows=50, trees=400)
    found |= {"sba_boosted." + k: v for k, v in judged(boosted).items()}
    champion, challenger = (probability(unseen(m, x, bad, 5)) for m in (Scorecard, boosted))
    for f in compare(champion, challenger, bad):
        if (f.model, f.measure) in {("champion", "auc"), ("challenger", "auc"),
                                    ("difference", "auc"), ("difference", "verdict"),
                                    ("difference", "worth")}:
            name = f"sba_challenge.{f.model}_{f.measure}"
            parts_of = {name: f.value, name + "_low": f.low, name + "_high": f.high}
            found |= {k: v for k, v in parts_of.items() if v == v}
found["cpu_seconds"] = time.process_time() - started
print(json.dumps(found))
"""


def bench(*, quick: bool) -> dict[str, object]:
    folder = data_folder("sba_loans")
    if folder is None:
        return {"calibration": "sba_loans missing"}
    full = not quick and find_spec("lightgbm") is not None
    return figures("calibration", measure(CODE, str(folder), "full" if full else "quick").said)
