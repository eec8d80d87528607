"""Assess: what is known of a firm, a score with reasons, a probability of default, a grade."""

from liandong.assess.binning.optimal import OptimalBinning
from liandong.assess.card.calibration import Calibration, calibrate, cross_calibrated
from liandong.assess.card.challenger import BoostedClassifier
from liandong.assess.card.compare import ChallengeRule, challenge, compare, verdict
from liandong.assess.card.estimator import ScorecardClassifier
from liandong.assess.card.fit import FitRule, fit
from liandong.assess.card.scale import MasterScale, ScaleRule, scale
from liandong.assess.card.score import ScoreRule, score
from liandong.assess.card.scorecard import Characteristic, Pair, Scaling, Scorecard
from liandong.assess.card.scorer import Scorer
from liandong.assess.export.plain import to_json
from liandong.assess.export.pmml import to_pmml
from liandong.assess.export.sql import to_sql
from liandong.assess.identity.resolve import ResolveRule, resolve
from liandong.assess.identity.splink import splink_pairs
from liandong.assess.innovation.value import InnovationRule, innovation
from liandong.assess.measures.features import FeatureRule, features
from liandong.assess.portfolio.inclusion import InclusionRule, inclusion
from liandong.assess.portfolio.losses import (
    Loss,
    Plan,
    allowance,
    expected_loss,
    monthly_loss,
    stage,
)
from liandong.assess.portfolio.low_default import prudent_rates
from liandong.assess.portfolio.provision import ProvisionRule, Scenario, provision
from liandong.assess.reasons.explain import explain
from liandong.assess.reasons.scored import ExplainRule
from liandong.assess.validation.alarm import LeakRule, leak_alarm
from liandong.assess.validation.backtest import BacktestRule, backtest
from liandong.assess.validation.drift import DriftRule, drift
from liandong.assess.validation.leaks import Leak, leaks
from liandong.assess.validation.validate import ValidateRule, out_of_time, validate
from liandong.kernels.statistics.capital import risk_weight
from liandong.schema.names.company import CompanyName, company_name

__all__ = [
    "BacktestRule",
    "BoostedClassifier",
    "Calibration",
    "ChallengeRule",
    "Characteristic",
    "CompanyName",
    "DriftRule",
    "ExplainRule",
    "FeatureRule",
    "FitRule",
    "InclusionRule",
    "InnovationRule",
    "Leak",
    "LeakRule",
    "Loss",
    "MasterScale",
    "OptimalBinning",
    "Pair",
    "Plan",
    "ProvisionRule",
    "ResolveRule",
    "ScaleRule",
    "Scaling",
    "Scenario",
    "ScoreRule",
    "Scorecard",
    "ScorecardClassifier",
    "Scorer",
    "ValidateRule",
    "allowance",
    "backtest",
    "calibrate",
    "challenge",
    "company_name",
    "compare",
    "cross_calibrated",
    "drift",
    "expected_loss",
    "explain",
    "features",
    "fit",
    "inclusion",
    "innovation",
    "leak_alarm",
    "leaks",
    "monthly_loss",
    "out_of_time",
    "provision",
    "prudent_rates",
    "resolve",
    "risk_weight",
    "scale",
    "score",
    "splink_pairs",
    "stage",
    "to_json",
    "to_pmml",
    "to_sql",
    "validate",
    "verdict",
]
