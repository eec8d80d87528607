"""The step ``trace.learn``: a detector from labelled transfers, judged on later ones."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.errors import DataError
from liandong.schema.tables.features import COLUMNS
from liandong.step import Rule, Tables, fold, output
from liandong.step.extras import lightgbm
from liandong.texts import both
from liandong.trace.detector.judge import Figure, best_threshold, curve, figures, thinned
from liandong.trace.detector.model import MILLION, TransferModel, matrix, ppm
from liandong.types import Rate

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

PARTS = ("train", "valid", "test")
LEAST = 10
"""Fewest illicit and fewest other transfers in each part."""
DAY = 86_400_000_000


class LearnRule(Rule):
    """How a detector is learnt.

    Attributes
    ----------
    valid, test
        Shares of the labelled transfers, the later ones, to choose by and to judge by.
    gap_days
        Transfers of so many days at the start of the validation and of the test part are left out,
        so that one scheme does not lie on both sides.
    without
        Features that are left out.
    trees, leaves, rate, min_rows, ridge
        Most trees, most leaves of one, how much each adds, fewest rows of a leaf, and the penalty
        on the squares of what leaves add.
    patience
        Trees to wait for a better average precision on the validation part.
    boots
        Samples drawn for intervals.
    seed
        Of all that is random.
    """

    valid: Rate = Field(default=Rate(200_000), gt=0, lt=MILLION)
    test: Rate = Field(default=Rate(200_000), gt=0, lt=MILLION)
    gap_days: int = Field(default=1, ge=0)
    without: tuple[str, ...] = ()
    trees: int = Field(default=400, ge=1)
    leaves: int = Field(default=31, ge=2)
    rate: float = Field(default=0.05, gt=0, le=1)
    min_rows: int = Field(default=20, ge=1)
    ridge: float = Field(default=1.0, ge=0)
    patience: int = Field(default=50, ge=1)
    boots: int = Field(default=1000, ge=1)
    seed: int = Field(default=1, ge=0)


class Sample(NamedTuple):
    """Labelled transfers in order of time."""

    at: Int
    values: Float
    bad: Bool

    def where(self, rows: Bool) -> "Sample":
        """Return some of the transfers."""
        return Sample(self.at[rows], self.values[rows], self.bad[rows])


@fold(
    reads=("flow_feature", "flow_label"),
    writes=("rule", "detection", "detection_curve"),
    rule=LearnRule,
    needs={"flow_feature": "trace.features", "flow_label": "load"},
)
def learn(tables: Tables, rule: LearnRule) -> Tables:
    """Learn to tell illicit transfers from others by their features, and say how well it does.

    Only labelled transfers teach. They are cut by time: the earlier ones grow trees, the next
    choose how many trees and from which score to flag (the greatest F1), and the last judge:
    nothing is chosen by them. Features of a transfer know nothing of later ones, so this is what
    the detector would have done in service. One thread and one seed: the same labels give the same
    model to the last byte.

    Raises
    ------
    MissingExtraError
        If LightGBM is not installed.
    DataError
        If a part has too few illicit or too few other transfers.
    """
    columns = tuple(c.name for c in COLUMNS if c.name not in rule.without)
    at, sample = _labelled(tables, columns)
    cut = _parts(at, rule)
    parts = {name: sample.where(cut[name]) for name in PARTS}
    _must_teach(parts)
    booster = _grown(parts, rule)
    scores = {n: ppm(booster.predict(s.values, num_threads=1)) for n, s in parts.items()}
    threshold = best_threshold(curve(scores["valid"], parts["valid"].bad))
    last = np.datetime64(int(parts["valid"].at[-1]), "us").astype("datetime64[D]").item()
    model = TransferModel(
        columns=columns, threshold=Rate(threshold), trees=booster.model_to_string(),
        valid_from=last,
    )  # fmt: skip
    learnt = output(
        "rule",
        rule_id=[model.id],
        kind=[model.kind()],
        toml=[model.to_toml()],
        valid_from=[model.valid_from],
    )
    return {**learnt, **_judged(model, parts, scores, rule)}


def _labelled(tables: Tables, columns: tuple[str, ...]) -> tuple[Int, Sample]:
    """Return the labelled transfers with features, in order of time."""
    feature, label = tables["flow_feature"], tables["flow_label"]
    at = pc.index_in(feature["flow_id"], value_set=label["flow_id"])
    known = pc.is_valid(at)
    rows = feature.filter(known)
    bad = label["bad"].take(at.filter(known)).to_numpy().astype(bool)
    order = pc.sort_indices(rows, sort_keys=[("at", "ascending"), ("flow_id", "ascending")])
    rows = rows.take(order)
    times = rows["at"].cast(pa.int64()).to_numpy()
    return times, Sample(times, matrix(rows, columns), bad[order.to_numpy()])


def _parts(at: Int, rule: LearnRule) -> dict[str, Bool]:
    """Return which transfers belong to which part; those of one moment stay together."""
    n, gap = len(at), rule.gap_days * DAY
    ends = [n * (MILLION - int(rule.test) - int(rule.valid)) // MILLION,
            n * (MILLION - int(rule.test)) // MILLION]  # fmt: skip
    first, second = (int(at[min(max(e, 0), n - 1)]) if n else 0 for e in ends)
    return {
        "train": at < first,
        "valid": (at >= first + gap) & (at < second),
        "test": at >= second + gap,
    }


def _must_teach(parts: dict[str, Sample]) -> None:
    for name, part in parts.items():
        bads = int(part.bad.sum())
        if min(bads, len(part.bad) - bads) < LEAST:
            raise DataError(
                file="flow_label",
                what=both("fault.few_labels", part=name, n=len(part.bad), bad=bads),
                remedy=both("advice.few_labels", least=LEAST),
            )


def _grown(parts: dict[str, Sample], rule: LearnRule) -> Any:  # noqa: ANN401 - LightGBM's own
    """Grow trees on the first part until the second is foretold no better."""
    boost = lightgbm()
    settings = {
        "objective": "binary", "metric": "average_precision", "num_leaves": rule.leaves,
        "learning_rate": rule.rate, "min_data_in_leaf": rule.min_rows, "lambda_l2": rule.ridge,
        "seed": rule.seed, "deterministic": True, "force_row_wise": True, "num_threads": 1,
        "verbose": -1,
    }  # fmt: skip
    train, valid = (
        boost.Dataset(s.values, s.bad.astype(np.float64), params=settings)
        for s in (parts["train"], parts["valid"])
    )
    stop = boost.early_stopping(rule.patience, verbose=False)
    grown = boost.train(settings, train, rule.trees, valid_sets=[valid], callbacks=[stop])
    return boost.Booster(model_str=grown.model_to_string(num_iteration=grown.best_iteration))


def _judged(
    model: TransferModel, parts: dict[str, Sample], scores: dict[str, Int], rule: LearnRule
) -> Tables:
    told: list[tuple[str, Figure, int]] = []
    points = []
    for name, part in parts.items():
        n = len(part.bad)
        found = figures(scores[name], part.bad, int(model.threshold), rule.boots, rule.seed)
        found.append(Figure("illicit", float(part.bad.sum())))
        told += [(name, f, n) for f in found]
        points.append((name, thinned(curve(scores[name], part.bad)), int(part.bad.sum())))
    low, high = (np.array([getattr(f, end) for _, f, _ in told]) for end in ("low", "high"))
    figures_table = output(
        "detection",
        rule_id=pa.repeat(model.id, len(told)),
        part=[name for name, _, _ in told],
        measure=[f.measure for _, f, _ in told],
        value=[f.value for _, f, _ in told],
        low=pa.array(low, mask=np.isnan(low)),
        high=pa.array(high, mask=np.isnan(high)),
        n=[n for _, _, n in told],
    )
    return {**figures_table, **_curves(model, points)}


def _curves(model: TransferModel, points: list[Any]) -> Tables:
    flagged, found, score = (
        np.concatenate([c[k] for _, c, _ in points]).astype(np.int64) for k in range(3)
    )
    sizes = [len(c.flagged) for _, c, _ in points]
    bads = np.repeat([b for _, _, b in points], sizes)
    return output(
        "detection_curve",
        rule_id=pa.repeat(model.id, len(flagged)),
        part=np.repeat([n for n, _, _ in points], sizes),
        flagged=flagged, found=found, score=score.astype(np.int32),
        precision=(found * MILLION // flagged).astype(np.int32),
        recall=(found * MILLION // bads).astype(np.int32),
    )  # fmt: skip
