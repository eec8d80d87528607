"""Assess: what is known of a firm, a score with reasons, a probability of default, a grade."""

from liandong.assess.binning.optimal import OptimalBinning
from liandong.assess.card.fit import FitRule, fit
from liandong.assess.card.score import ScoreRule, score
from liandong.assess.card.scorecard import Characteristic, Pair, Scaling, Scorecard
from liandong.assess.export.plain import to_json
from liandong.assess.export.pmml import to_pmml
from liandong.assess.export.sql import to_sql
from liandong.assess.identity.names import CompanyName, company_name
from liandong.assess.identity.resolve import ResolveRule, resolve
from liandong.assess.innovation.value import InnovationRule, innovation
from liandong.assess.measures.features import FeatureRule, features
from liandong.assess.portfolio.provision import (
    Loss,
    expected_loss,
    provision,
    prudent_rates,
    risk_weight,
    stage,
)
from liandong.assess.reasons.explain import explain
from liandong.assess.reasons.scored import ExplainRule
from liandong.assess.validation.leaks import Leak, leaks
from liandong.assess.validation.validate import ValidateRule, out_of_time, validate

__all__ = [
    "Characteristic",
    "CompanyName",
    "ExplainRule",
    "FeatureRule",
    "FitRule",
    "InnovationRule",
    "Leak",
    "Loss",
    "OptimalBinning",
    "Pair",
    "ResolveRule",
    "Scaling",
    "ScoreRule",
    "Scorecard",
    "ValidateRule",
    "company_name",
    "expected_loss",
    "explain",
    "features",
    "fit",
    "innovation",
    "leaks",
    "out_of_time",
    "provision",
    "prudent_rates",
    "resolve",
    "risk_weight",
    "score",
    "stage",
    "to_json",
    "to_pmml",
    "to_sql",
    "validate",
]
