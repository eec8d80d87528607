"""Assess: what is known of a firm, a score with reasons, a probability of default, a grade."""

from liandong.assess.binning.optimal import OptimalBinning
from liandong.assess.card.calibration import Calibration, calibrate, cross_calibrated
from liandong.assess.card.challenger import BoostedClassifier
from liandong.assess.card.compare import ChallengeRule, challenge, compare, verdict
from liandong.assess.card.fit import FitRule, fit
from liandong.assess.card.scale import MasterScale, ScaleRule, scale
from liandong.assess.card.score import ScoreRule, score
from liandong.assess.card.scorecard import Characteristic, Pair, Scaling, Scorecard
from liandong.assess.export.plain import to_json
from liandong.assess.export.pmml import to_pmml
from liandong.assess.export.sql import to_sql
from liandong.assess.identity.names import CompanyName, company_name
from liandong.assess.identity.resolve import ResolveRule, resolve
from liandong.assess.measures.features import FeatureRule, features
from liandong.assess.portfolio.low_default import prudent_rates
from liandong.assess.portfolio.provision import (
    Loss,
    expected_loss,
    provision,
    risk_weight,
    stage,
)
from liandong.assess.validation.leaks import Leak, leaks
from liandong.assess.validation.validate import ValidateRule, out_of_time, validate

__all__ = [
    "BoostedClassifier",
    "Calibration",
    "ChallengeRule",
    "Characteristic",
    "CompanyName",
    "FeatureRule",
    "FitRule",
    "Leak",
    "Loss",
    "MasterScale",
    "OptimalBinning",
    "Pair",
    "ResolveRule",
    "ScaleRule",
    "Scaling",
    "ScoreRule",
    "Scorecard",
    "ValidateRule",
    "calibrate",
    "challenge",
    "company_name",
    "compare",
    "cross_calibrated",
    "expected_loss",
    "features",
    "fit",
    "leaks",
    "out_of_time",
    "provision",
    "prudent_rates",
    "resolve",
    "risk_weight",
    "scale",
    "score",
    "stage",
    "to_json",
    "to_pmml",
    "to_sql",
    "validate",
    "verdict",
]
