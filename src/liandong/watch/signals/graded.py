"""A rule with thresholds of three levels."""

from collections.abc import Iterable
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import model_validator

from liandong.errors import UnfitError
from liandong.schema.arrow import arrow_schema, build
from liandong.schema.tables.warnings import LEVELS
from liandong.step import Rule
from liandong.texts import both
from liandong.types import Rate


class Graded(Rule):
    """Thresholds of three levels, the graver ones perhaps absent; those of falls get smaller."""

    def thresholds(self) -> list[float]:
        """Return the thresholds from mild to grave as plain numbers, rates as shares."""
        told = [getattr(self, name) for name in LEVELS]
        return [int(t) / 1e6 if isinstance(t, Rate) else float(t) for t in told if t is not None]

    @property
    def falls(self) -> bool:
        """Whether a small value is the grave one."""
        found = self.thresholds()
        return found[-1] < found[0]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        found = self.thresholds()
        if found not in (sorted(found), sorted(found, reverse=True)):
            raise UnfitError(what=both("unfit.grades"))
        return self


def named(warnings: pa.Table, rules: Iterable[Graded]) -> pa.Table:
    """Return the rows of the table ``rule`` of those rules that warnings name."""
    wanted = set(pc.unique(warnings["rule"]).to_pylist())
    rows = sorted((r.row() for r in rules if r.id in wanted), key=lambda r: str(r["rule_id"]))
    return build("rule", {n: [r[n] for r in rows] for n in arrow_schema("rule").names})
