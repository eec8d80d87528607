"""A detector of suspicious transfers: boosted trees on their features, kept as a rule."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.errors import UsageError
from liandong.step import Rule
from liandong.step.extras import lightgbm
from liandong.texts import both
from liandong.types import Rate

Int = NDArray[np.int64]
Float = NDArray[np.float64]

MILLION = 1_000_000
DECIBANS = 10 / np.log(10)
"""Tenths of a power of ten of the odds in one unit of the log odds."""


class TransferModel(Rule):
    """Boosted trees that give a transfer the probability of being illicit.

    Attributes
    ----------
    columns
        Features in the order of the trees.
    threshold
        Score (ppm) from which a transfer is flagged; chosen on the validation part.
    trees
        The model in LightGBM's own text form.
    """

    columns: tuple[str, ...]
    threshold: Rate = Field(ge=0, le=MILLION)
    trees: str

    def scores(self, values: Float) -> Int:
        """Return the scores of transfers, ppm.

        Parameters
        ----------
        values
            Shape (transfers, columns).

        Raises
        ------
        MissingExtraError
            If LightGBM is not installed.
        """
        booster = lightgbm().Booster(model_str=self.trees)
        return ppm(booster.predict(values, num_threads=1))

    def contributions(self, values: Float) -> Int:
        """Return what each column adds to the log odds, in decibans, shape (transfers, columns).

        By TreeSHAP (Lundberg et al. 2020), as LightGBM computes it.
        """
        booster = lightgbm().Booster(model_str=self.trees)
        found = booster.predict(values, num_threads=1, pred_contrib=True)
        points: Int = np.rint(np.asarray(found)[:, :-1] * DECIBANS).astype(np.int64)
        return points


def ppm(chance: Float) -> Int:
    """Return probabilities in whole parts per million."""
    found: Int = np.rint(np.asarray(chance, np.float64) * MILLION).astype(np.int64)
    return found


def matrix(feature: pa.Table, columns: tuple[str, ...]) -> Float:
    """Return columns of ``flow_feature`` side by side, shape (transfers, columns)."""
    found = np.empty((len(feature), len(columns)))
    for j, name in enumerate(columns):
        found[:, j] = feature[name].to_numpy()
    return found


def chosen(rules: pa.Table, name: str | None) -> tuple[str, TransferModel]:
    """Return the id of the model that is named, or of the latest, and the model.

    Raises
    ------
    UsageError
        If there is none of the name, or not exactly one latest.
    """
    of_kind = rules.filter(pc.equal(rules["kind"], TransferModel.kind()))
    if name is None:
        latest = pc.max(of_kind["valid_from"])
        of_kind = of_kind.filter(pc.fill_null(pc.equal(of_kind["valid_from"], latest), False))  # noqa: FBT003 - pyarrow's own
    else:
        of_kind = of_kind.filter(pc.equal(of_kind["rule_id"], name))
    ids = sorted(of_kind["rule_id"].to_pylist())
    if len(ids) != 1:
        known = ", ".join(ids) or "-"
        raise UsageError(
            what=both("fault.transfer_models", n=len(ids), name=name or "-"),
            remedy=both("advice.transfer_models", known=known),
        )
    return ids[0], TransferModel.from_toml(of_kind["toml"][0].as_py())
