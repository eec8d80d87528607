"""Assess: what is known of a firm, a score with reasons, a probability of default, a grade."""

from liandong.assess.features import FeatureRule, features
from liandong.assess.fit import FitRule, fit
from liandong.assess.score import ScoreRule, score
from liandong.assess.scorecard import Characteristic, Scaling, Scorecard

__all__ = [
    "Characteristic",
    "FeatureRule",
    "FitRule",
    "Scaling",
    "ScoreRule",
    "Scorecard",
    "features",
    "fit",
    "score",
]
