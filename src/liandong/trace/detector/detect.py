"""The step ``trace.detect``: transfers that a detector flags, and why."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.schema.arrow import empty
from liandong.step import Rule, Tables, each, output
from liandong.step.reasons import Reasons
from liandong.trace.detector.model import TransferModel, chosen, matrix

Float = NDArray[np.float64]

SIGNS = 5
"""Features that a score is explained by."""


class DetectRule(Rule):
    """Which detector is used, and what is told.

    Attributes
    ----------
    model
        Id of the model; None takes the latest.
    every
        Whether transfers below the threshold are told as well.
    """

    model: str | None = None
    every: bool = False


@each(
    reads=("flow_feature", "rule"),
    writes=("transfer_score",),
    split=("flow_feature",),
    by="flow_id",
    rule=DetectRule,
    needs={"flow_feature": "trace.features"},
)
def detect(tables: Tables, rule: DetectRule) -> Tables:
    """Flag transfers whose score reaches the threshold of the detector.

    Reasons name the features that moved the score most, heaviest first, with what each adds to the
    odds in decibans (TreeSHAP). A transfer that is not in the table scored below the threshold.

    Raises
    ------
    MissingExtraError
        If LightGBM is not installed.
    DataError
        If there are no features.
    UsageError
        If the model that is named is not there, or there is not just one latest.
    """
    if not len(tables["flow_feature"]):
        return {"transfer_score": empty("transfer_score")}
    name, model = chosen(tables["rule"], rule.model)
    values = matrix(tables["flow_feature"], model.columns)
    score = model.scores(values)
    told = np.flatnonzero((score >= int(model.threshold)) | rule.every)
    if not len(told):
        return {"transfer_score": empty("transfer_score")}
    return output(
        "transfer_score",
        flow_id=tables["flow_feature"]["flow_id"].take(pa.array(told)),
        rule_id=pa.repeat(name, len(told)),
        score=score[told].astype(np.int32),
        threshold=np.full(len(told), int(model.threshold), np.int32),
        reasons=_reasons(model, values[told]),
    )


def _reasons(model: TransferModel, values: Float) -> pa.Array:
    """Return the features that weigh most, equals in order of the columns."""
    parts = model.contributions(values)
    heaviest = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :SIGNS]
    here = np.zeros(parts.shape, bool)
    np.put_along_axis(here, heaviest, values=True, axis=1)
    reasons = Reasons(len(values))
    for j, column in enumerate(model.columns):
        reasons.add(f"trace.sign({column})", parts[:, j], here[:, j])
    return reasons.column(heaviest_first=True)
