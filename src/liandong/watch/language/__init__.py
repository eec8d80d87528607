"""The language of rules: a small typed part of CEL with nulls, exact numbers and four backends.

``parse`` reads the text, ``types`` finds its kinds against a schema, and what comes out of that is
worked out row by row in plain Python (``evaluate``, the reference), over many rows by the row
kernel (``compiled``; ``RowJudge`` takes one at a time), as DuckDB's SQL (``sql``), or told to
people (``plain``). ``write`` gives the canonical text; ``from_jsonlogic`` and ``to_jsonlogic``
exchange rules with others.
"""

from liandong.watch.language.checking import Column, Schema, Typed, columns, types
from liandong.watch.language.compiling import Program, compiled
from liandong.watch.language.evaluating import Outcome, evaluate
from liandong.watch.language.inputs import encode, millionths, scaled
from liandong.watch.language.jsonlogic import from_jsonlogic, to_jsonlogic
from liandong.watch.language.judgement import Judgement, in_force, in_force_at, program
from liandong.watch.language.nodes import Call, Expression, Literal, Name, names
from liandong.watch.language.parsing import parse
from liandong.watch.language.plain import plain
from liandong.watch.language.rowwise import RowJudge
from liandong.watch.language.sql import sql
from liandong.watch.language.writing import write

__all__ = [
    "Call",
    "Column",
    "Expression",
    "Judgement",
    "Literal",
    "Name",
    "Outcome",
    "Program",
    "RowJudge",
    "Schema",
    "Typed",
    "columns",
    "compiled",
    "encode",
    "evaluate",
    "from_jsonlogic",
    "in_force",
    "in_force_at",
    "millionths",
    "names",
    "parse",
    "plain",
    "program",
    "scaled",
    "sql",
    "to_jsonlogic",
    "types",
    "write",
]
