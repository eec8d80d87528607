"""Settle: who owes and owns what, in double entries that never lose a fen."""

from liandong.settle.agreements.rules import AgreementRule
from liandong.settle.agreements.share import share
from liandong.settle.cooperation import nucleolus, shapley
from liandong.settle.disburse import DisburseRule, disburse
from liandong.settle.ledger import account_id, balances
from liandong.settle.statements.reconcile import ReconcileRule, reconcile
from liandong.settle.statements.statement import StatementRule, statement

__all__ = [
    "AgreementRule",
    "DisburseRule",
    "ReconcileRule",
    "StatementRule",
    "account_id",
    "balances",
    "disburse",
    "nucleolus",
    "reconcile",
    "shapley",
    "share",
    "statement",
]
