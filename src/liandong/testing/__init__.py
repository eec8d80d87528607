"""Public helpers to test steps, rules and tables of one's own.

>>> from liandong.testing import check_step, tables
"""

from liandong.testing.checks import check_step
from liandong.testing.strategies import tables

__all__ = ["check_step", "tables"]
