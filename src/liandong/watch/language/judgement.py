"""A rule that judges: an expression with its level and the time in which it holds."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from typing import Literal as Choice
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import field_validator, model_validator

from liandong.errors import ExpressionError, UsageError
from liandong.step import Rule
from liandong.texts import both
from liandong.watch.language.checking import Schema, Typed, types
from liandong.watch.language.compiling import Program, compiled
from liandong.watch.language.jsonlogic import from_jsonlogic
from liandong.watch.language.nodes import Expression, fault, names
from liandong.watch.language.parsing import parse
from liandong.watch.language.writing import write


class Judgement(Rule):
    """One version of a rule that judges rows.

    Its ``id`` is the hash of its content, and so the version: another text, level or validity is
    another version of the same ``code``.

    Attributes
    ----------
    code
        Name of the rule, the same for all its versions.
    when
        The expression: the rule fires where it is true, and neither where it is false nor null.
        JSONLogic is taken as well, and kept as the expression that it means.
    level
        How bad it is.
    text
        A remark for people, beside the plain words of the expression.

    Raises
    ------
    ExpressionError
        If ``when`` cannot be read, or refers to nothing.

    Examples
    --------
    >>> Judgement(code="T1", when="tax_drop < 0.6", level="orange").expression.op
    '<'
    """

    code: str
    when: str
    level: Choice["yellow", "orange", "red"]
    text: str = ""

    @field_validator("when", mode="before")
    @classmethod
    def _of_others(cls, when: object) -> object:
        """Read JSONLogic, an object of JSON: no expression begins with a brace."""
        logic = isinstance(when, str) and when.lstrip().startswith("{")
        return write(from_jsonlogic(str(when))) if logic else when

    @model_validator(mode="after")
    def _readable(self) -> Self:
        with _of(self.code):
            if not names(self.expression):
                what, remedy = "fault.expression_empty", "advice.expression_empty"
                raise fault(what, remedy, (1, 1), self.when)
        return self

    @property
    def expression(self) -> Expression:
        """The tree of ``when``."""
        return parse(self.when)

    def checked(self, schema: Schema) -> Typed:
        """Return the expression with its kinds.

        Raises
        ------
        ExpressionError
            At an unknown name, at wrong kinds, at a division by zero, or if it is neither true nor
            false in the end.
        """
        with _of(self.code):
            typed = types(self.expression, schema)
            if typed.kind != "bool":
                said = {"need": both("kinds.bool"), "is_": both(f"kinds.{typed.kind}")}
                what, remedy = "fault.expression_type", "advice.expression_type"
                raise fault(what, remedy, (1, 1), self.when, **said)
        return typed


def in_force_at(rule: Judgement, at: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Tell at which moments (timestamps) a version of a rule is valid, by their days (UTC)."""
    day = at.cast(pa.date32())
    first, last = rule.valid_from or date.min, rule.valid_to or date.max
    held = pc.and_(pc.greater_equal(day, pa.scalar(first)), pc.less_equal(day, pa.scalar(last)))
    found: NDArray[np.bool_] = held.to_numpy()
    return found


@contextmanager
def _of(code: str) -> Iterator[None]:
    """Name the rule in what is said about its expression."""
    try:
        yield
    except ExpressionError as error:
        why = both("fault.expression_rule", name=code, why=error.params["what"])
        raise ExpressionError(**{**error.params, "what": why}) from error


def in_force(rules: Iterable[Judgement], day: date) -> tuple[Judgement, ...]:
    """Return the versions that hold on a day, by code.

    Raises
    ------
    UsageError
        If two versions of one code hold.

    Examples
    --------
    >>> old = Judgement(code="T1", when="a > 1", level="red", valid_to=date(2026, 6, 30))
    >>> new = Judgement(code="T1", when="a > 2", level="red", valid_from=date(2026, 7, 1))
    >>> [r.when for r in in_force([old, new], date(2026, 7, 1))]
    ['a > 2']
    """
    found = sorted((r for r in rules if r.holds_on(day)), key=lambda r: (r.code, r.id))
    for one, other in pairwise(found):
        if one.code == other.code:
            what = both("fault.judgement_overlap", name=one.code)
            raise UsageError(what=what, remedy=both("advice.judgement_overlap"))
    return tuple(found)


def program(rules: Sequence[Judgement], schema: Schema) -> Program:
    """Make the program of rules for the row kernel; row i of its verdicts is rule i.

    Raises
    ------
    ExpressionError
        At the first rule that does not fit the schema.
    """
    return compiled([rule.checked(schema) for rule in rules])
