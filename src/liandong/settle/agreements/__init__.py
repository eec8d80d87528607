"""The split language: agreements that regions and institutions write down, and what follows.

``parse`` reads the text, ``write`` gives the canonical one, ``faults`` says what nobody can keep
and ``read`` refuses it; ``told`` is the contract in words; ``evaluate`` gives what everybody gets
in each period, exact to the last unit, and ``simulate`` the same for years that are still to come.
"""

from liandong.settle.agreements.checking import faults, read
from liandong.settle.agreements.evaluating import evaluate
from liandong.settle.agreements.nodes import Agreement, Clause, Facts, Sharing, Subsidy
from liandong.settle.agreements.parsing import parse
from liandong.settle.agreements.posting import Posting
from liandong.settle.agreements.simulating import Simulation, growing, rate_names, simulate
from liandong.settle.agreements.telling import told
from liandong.settle.agreements.writing import write

__all__ = [
    "Agreement",
    "Clause",
    "Facts",
    "Posting",
    "Sharing",
    "Simulation",
    "Subsidy",
    "evaluate",
    "faults",
    "growing",
    "parse",
    "rate_names",
    "read",
    "simulate",
    "told",
    "write",
]
