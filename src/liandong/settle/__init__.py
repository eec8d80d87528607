"""Settle: who owes and owns what, in double entries that never lose a fen."""

from liandong.settle.agreements.contract import ContractRule, contract
from liandong.settle.agreements.rules import AgreementRule
from liandong.settle.agreements.share import share
from liandong.settle.bases.loans import loan_bases
from liandong.settle.bases.rules import LoanBase, LoanBasesRule
from liandong.settle.booking import BookRule, book
from liandong.settle.cooperation import nucleolus, shapley
from liandong.settle.deliver import DeliverRule, deliver
from liandong.settle.disburse import DisburseRule, disburse
from liandong.settle.ledger import account_id, balances
from liandong.settle.statements.reconcile import ReconcileRule, reconcile
from liandong.settle.statements.statement import StatementRule, statement

__all__ = [
    "AgreementRule",
    "BookRule",
    "ContractRule",
    "DeliverRule",
    "DisburseRule",
    "LoanBase",
    "LoanBasesRule",
    "ReconcileRule",
    "StatementRule",
    "account_id",
    "balances",
    "book",
    "contract",
    "deliver",
    "disburse",
    "loan_bases",
    "nucleolus",
    "reconcile",
    "shapley",
    "share",
    "statement",
]
