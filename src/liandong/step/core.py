"""Steps: pure functions from tables and a rule to tables.

Three kinds say how a step may be cut into parts:

``each``    the rows of one key never meet those of another: partition → partition
``fold``    partition → partial tables, an associative merge, then a finish
``rounds``  a fold repeated with a small broadcast state until it settles

A step knows nothing of stores, engines, clocks or actors.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import DataError, UsageError
from liandong.schema.arrow import build, conform, empty
from liandong.schema.tables import table
from liandong.step.rule import NoRule, Rule
from liandong.texts import both

Tables = dict[str, pa.Table]
"""Tables by name."""

Function = Callable[[Tables, Any], Tables]
Merge = Callable[[Tables, Tables], Tables]


def concat(left: Tables, right: Tables) -> Tables:
    """Merge two partials by putting their rows together."""
    return {n: pa.concat_tables([left[n], right[n]]) for n in left}


def keep(tables: Tables, rule: Rule) -> Tables:  # noqa: ARG001 - the signature of a partial
    """Return the tables as they are: the partial of a step that gathers everything."""
    return tables


@dataclass(frozen=True, eq=False)
class Step:
    """A described step; call it with Arrow tables, or hand it to ``Board.run``.

    Attributes
    ----------
    name
        ``verb.action``.
    kind
        ``each``, ``fold`` or ``rounds``.
    reads, writes
        Names of tables. Reads that do not exist yet arrive empty.
    split
        The reads that are cut into parts; the others go whole to every part.
    by
        Key column of the split tables (``each``); empty: rows may be cut anywhere.
    rule
        Class of the rule.
    finish
        ``each``: the whole work on one part; otherwise the work after the last merge.
    partial, merge
        ``fold`` and ``rounds``: work on one part, and the associative merge of two outcomes.
    start, advance
        ``rounds``: the first state, and the next state with a flag whether to stop.
    part
        Names of rule fields that tell results apart: one current snapshot for each of their values.
    approval
        The reads whose current snapshots somebody other than the maker must have approved.
    needs
        Reads without which the step refuses, and the step (or ``load``) that makes each: results
        of a step run too early would replace the right ones by nothing. Where the table and the
        rule have an ``as_of``, rows of that day are needed.
    """

    name: str
    kind: Literal["each", "fold", "rounds"]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    rule: type[Rule]
    finish: Function
    split: tuple[str, ...] = ()
    by: str = ""
    partial: Function = keep
    merge: Merge = concat
    start: Function | None = None
    advance: Callable[[Tables, Tables, Any], tuple[Tables, bool]] | None = None
    part: tuple[str, ...] = ()
    approval: tuple[str, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)
    doc: str = field(default="", repr=False)

    def __call__(self, *tables: pa.Table, rule: Rule | None = None, **params: object) -> Tables:
        """Run in one piece, without a board.

        Parameters
        ----------
        *tables
            The reads in order; missing ones at the end are taken as empty.
        rule
            The rule; otherwise one is made of ``params`` and the defaults.

        Returns
        -------
        dict
            Written tables by name, in key order.
        """
        if len(tables) > len(self.reads):
            what = both("fault.too_many_tables", step=self.name, reads=", ".join(self.reads))
            raise UsageError(what=what, remedy=both("advice.fewer_tables"))
        given = dict(zip(self.reads, tables, strict=False))
        chosen = rule if rule is not None else self.rule.make(**params)
        from liandong.step.local import run_whole

        return run_whole(self, given, chosen)

    def inputs(self, given: Tables) -> Tables:
        """Return all reads in their schema's shape; absent ones are empty."""
        return {n: conform(n, given[n]) if n in given else empty(n) for n in self.reads}

    def must_be_possible(self, tables: Tables, rule: Rule) -> None:
        """Refuse to work without what the step needs; DataError says what to run first."""
        for name, maker in self.needs.items():
            day = getattr(rule, "as_of", None) if "as_of" in table(name).names else None
            there = len(tables[name])
            if day is not None:
                there = pc.sum(pc.equal(tables[name]["as_of"], pa.scalar(day))).as_py()
            if not there:
                raise DataError(
                    file=name,
                    what=both("fault.none_on", day=day) if day else both("fault.none"),
                    remedy=both("advice.load_first" if maker == "load" else "advice.run_first",
                                step=maker),
                )  # fmt: skip

    def part_of(self, rule: Rule) -> str:
        """Name the part of the written tables that a run with ``rule`` replaces."""
        tail = [str(getattr(rule, p)) for p in self.part]
        return "@".join([self.name, *tail])


def _declare(
    kind: Literal["each", "fold", "rounds"], function: Function, opts: dict[str, Any]
) -> Step:
    verb = (function.__module__ or "").removeprefix("liandong.").split(".")[0]
    name = opts.pop("name", None) or f"{verb}.{function.__name__.strip('_')}"
    opts.setdefault("rule", NoRule)
    for t in (*opts["reads"], *opts["writes"]):
        if table(t).secret:
            what = both("fault.touches_truth", step=name, table=t)
            raise UsageError(what=what, remedy=both("advice.truth_for_tests"))
    return Step(name=name, kind=kind, finish=function, doc=function.__doc__ or "", **opts)


def each(**opts: Any) -> Callable[[Function], Step]:  # noqa: ANN401 - fields of Step
    """Declare a step whose parts never meet; needs ``reads, writes, split, by``."""
    return lambda function: _declare("each", function, opts)


def fold(**opts: Any) -> Callable[[Function], Step]:  # noqa: ANN401 - fields of Step
    """Declare a fold; the decorated function finishes. Without ``partial`` it gathers all rows."""
    return lambda function: _declare("fold", function, opts)


def rounds(**opts: Any) -> Callable[[Function], Step]:  # noqa: ANN401 - fields of Step
    """Declare a repeated fold; needs ``start, partial, merge, advance`` beside the finish."""
    return lambda function: _declare("rounds", function, opts)


def output(name: str, **columns: object) -> Tables:
    """Return one written table made of columns, as a step gives it back."""
    return {name: build(name, columns)}
