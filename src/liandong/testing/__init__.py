"""Public helpers to test steps, rules and tables of one's own.

>>> from liandong.testing import check_step, check_watch, tables
"""

from liandong.testing.agreements import clauses, facts, sharings, subsidies
from liandong.testing.checks import check_step
from liandong.testing.strategies import tables
from liandong.testing.ways import check_watch

__all__ = [
    "check_step",
    "check_watch",
    "clauses",
    "facts",
    "sharings",
    "subsidies",
    "tables",
]
