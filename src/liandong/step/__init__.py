"""Step, Rule, Run: the three words in which all work is described."""

from liandong.step.core import Step, Tables, concat, each, fold, output, rounds
from liandong.step.rule import NoRule, Rule
from liandong.step.run import Run

__all__ = [
    "NoRule",
    "Rule",
    "Run",
    "Step",
    "Tables",
    "concat",
    "each",
    "fold",
    "output",
    "rounds",
]
