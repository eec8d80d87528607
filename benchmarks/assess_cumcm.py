"""Defaults of 84 real firms told from their invoices and network alone, by nested validation.

Repeated stratified 4-fold cross-validation: measures, bins and weights are chosen anew in every
fold, from its training firms alone; settings are those of ``Bagging``, which were set beforehand.
The bank's grade is no measure. The figure is the mean AUC over the folds.

The interval is that of LeDell, Petersen and van der Laan (2015, Electronic Journal of Statistics
9, 1583-1607): each firm's influence on the AUC of its fold, here averaged over the repeats, so
that it stands for the chance of other firms, and not for that of other folds. The models of the
folds count as given.
"""

import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess import features
from liandong.assess.card.bagged import Bagging, bagged
from liandong.assess.card.folds import parts
from liandong.assess.measures.catalogue import MEASURES, trends
from liandong.assess.measures.features import wide
from liandong.kernels.scores.roc import Z95, auc
from liandong.load import load
from liandong.testing.data import data_folder

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

DAY = date(2019, 12, 31)
FOLDS, REPEATS, SEED = 4, 10, 1
NAME = "auc.cumcm84_4x10"


def firms(folder: Path) -> tuple[list[str], Float, Bool]:
    """Return names of measures, the measures of the labelled firms, and who defaulted."""
    t = load("cumcm2020c", folder).tables
    feature = features(t["invoice"], t["signal"], t["party"], as_of=DAY)["feature"]
    names = [m.name for m in MEASURES if m.category == "invoice"]
    ids, values, _ = wide(feature, DAY, names)
    told = t["signal"].filter(pc.equal(t["signal"]["measure"], "default"))
    at = pc.index_in(told["party_id"], value_set=ids).to_numpy()
    order = np.argsort(at)  # in the order of their ids
    return names, values[at[order]], told["value"].to_numpy()[order] == 1


def influence(risk: Float, bad: Bool) -> tuple[float, Float]:
    """Return the AUC of a fold and each firm's influence on it."""
    area, share = auc(risk, bad), bad.mean()
    beats = (np.sign(risk[bad][:, None] - risk[~bad]) + 1) / 2
    found = np.empty(len(bad))
    found[bad] = (beats.mean(axis=1) - area) / share
    found[~bad] = (beats.mean(axis=0) - area) / (1 - share)
    return area, found


def validated(values: Float, bad: Bool, ways: list, how: Bagging, seed: int) -> tuple[Float, Float]:
    """Return the AUC of each repeat and fold, and the mean influence of each firm."""
    random = np.random.default_rng(seed)
    areas, moved = np.empty((REPEATS, FOLDS)), np.zeros((REPEATS, len(bad)))
    for r in range(REPEATS):
        part = parts(bad, FOLDS, random)
        for k in range(FOLDS):
            out = part == k
            model = bagged(values[~out], bad[~out], ways, how)
            areas[r, k], moved[r, out] = influence(-model.log_odds(values[out]), bad[out])
    return areas, moved.mean(axis=0)


def bench(*, quick: bool) -> dict[str, object]:
    folder = data_folder("cumcm2020c_sme_credit")
    if folder is None:
        return {NAME: "data missing"}
    names, values, bad = firms(folder)
    ways = [trends(n) for n in names]
    how = Bagging(bags=20) if quick else Bagging()
    start = time.process_time()
    areas, moved = validated(values, bad, ways, how, SEED)
    seconds = time.process_time() - start
    area = float(areas.mean())
    margin = Z95 * float(np.sqrt((moved**2).mean() / len(bad)))
    found = {
        NAME: area, f"{NAME}_low": max(0.0, area - margin), f"{NAME}_high": min(1.0, area + margin),
        f"{NAME}_firms": len(bad), f"{NAME}_bads": int(bad.sum()), f"{NAME}_bags": how.bags,
        f"{NAME}_measures": len(names), f"{NAME}_worst_repeat": float(areas.mean(axis=1).min()),
        f"{NAME}_cpu_seconds": seconds,
    }  # fmt: skip
    if not quick:
        # Not chosen from, but to see how far the figure hangs on where the folds fell.
        others = [validated(values, bad, ways, how, s)[0].mean() for s in (2, 3, 4)]
        found[f"{NAME}_other_folds_low"] = float(min(others))
        found[f"{NAME}_other_folds_high"] = float(max(others))
    return {n: round(v, 4) if isinstance(v, float) else v for n, v in found.items()}
