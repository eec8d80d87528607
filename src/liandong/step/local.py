"""Running a step over parts, given only ``map``: the one place that knows the three kinds."""

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from typing import Literal
from zlib import crc32

import numpy as np
import pyarrow as pa

from liandong.errors import InvariantError
from liandong.schema.arrow import conform, sort_by_key
from liandong.schema.tables import table
from liandong.step.core import Step, Tables
from liandong.step.rule import Rule
from liandong.texts import both

Which = Literal["partial", "finish"]
Map = Callable[[Step, Which, Iterable[Tables], Rule], Iterable[Tables]]
Parts = np.ndarray[tuple[int], np.dtype[np.int64]]
MAX_ROUNDS = 10_000


def work(step: Step, which: Which, part: Tables, rule: Rule) -> Tables:
    """Do one part of a step's work."""
    return step.partial(part, rule) if which == "partial" else step.finish(part, rule)


def map_here(step: Step, which: Which, parts: Iterable[Tables], rule: Rule) -> Iterator[Tables]:
    """Work on each part in this thread."""
    return (work(step, which, part, rule) for part in parts)


def run_step(step: Step, given: Tables, rule: Rule, parts: int, apply: Map = map_here) -> Tables:
    """Run ``step`` over ``parts`` parts by ``apply`` and return its written tables in key order.

    Raises
    ------
    InvariantError
        If the step does not write what it declared, or rounds do not settle.
    DataError
        If there is nothing of what the step needs.
    """
    tables = step.inputs(given)
    step.must_be_possible(tables, rule)
    pieces = cut(step, tables, parts)
    if step.kind == "each":
        out = _join(apply(step, "finish", pieces, rule))
    elif step.kind == "fold":
        merged = reduce(step.merge, apply(step, "partial", pieces, rule))
        out = step.finish({**tables, **merged}, rule)
    else:
        out = _rounds(step, tables, pieces, rule, apply)
    if set(out) != set(step.writes):
        raise InvariantError(
            what=both("fault.wrote", step=step.name, tables=", ".join(sorted(out))),
            row=", ".join(step.writes),
        )
    return {n: _written(step, n, out[n]) for n in step.writes}


def _written(step: Step, name: str, data: pa.Table) -> pa.Table:
    """Return what a step wrote in key order, once it has no gaps and repeats no key."""
    spec = table(name)
    if len(data.group_by(list(spec.key)).aggregate([])) != len(data):
        raise InvariantError(
            what=both("fault.repeats", step=step.name, table=name), row=", ".join(spec.key)
        )
    for f in spec.fields:
        if not f.null and data[f.name].null_count:
            what = both("fault.gap", step=step.name, table=name, field=f.name)
            raise InvariantError(what=what, row="-")
    return sort_by_key(name, conform(name, data)).combine_chunks()


def run_whole(step: Step, given: Tables, rule: Rule) -> Tables:
    """Run ``step`` in one piece in this thread."""
    return run_step(step, given, rule, 1)


def _rounds(step: Step, tables: Tables, pieces: list[Tables], rule: Rule, apply: Map) -> Tables:
    if step.start is None or step.advance is None:
        raise InvariantError(what=both("fault.no_rounds", step=step.name), row="-")
    state = step.start(tables, rule)
    for _ in range(MAX_ROUNDS):
        merged = reduce(step.merge, apply(step, "partial", [{**p, **state} for p in pieces], rule))
        state, settled = step.advance(state, merged, rule)
        if settled:
            return step.finish({**tables, **state}, rule)
    raise InvariantError(what=both("fault.unsettled", step=step.name, n=MAX_ROUNDS), row="-")


def _join(parts: Iterable[Tables]) -> Tables:
    found = list(parts)
    return {n: pa.concat_tables([p[n] for p in found]) for n in found[0]}


def cut(step: Step, tables: Tables, parts: int) -> list[Tables]:
    """Cut the split tables into ``parts``: by key where the step names one, by rows otherwise."""
    if parts == 1 or not step.split:
        return [tables]
    slices = {n: _slices(tables[n], step.by, parts) for n in step.split}
    return [{**tables, **{n: slices[n][i] for n in step.split}} for i in range(parts)]


def _slices(data: pa.Table, by: str, parts: int) -> list[pa.Table]:
    if not by:
        size = -(-len(data) // parts)
        return [data.slice(i * size, size) for i in range(parts)]
    code = _buckets(data[by], parts)
    return [data.filter(pa.array(code == i)) for i in range(parts)]


def _buckets(column: pa.ChunkedArray, parts: int) -> Parts:
    """Return the part of each row: a hash of its key that is the same on every machine."""
    coded = pa.concat_arrays(column.chunks or [pa.array([], column.type)]).dictionary_encode()
    hashed = np.array([crc32(w.encode()) % parts for w in coded.dictionary.to_pylist()], np.int64)
    part: Parts = hashed[coded.indices.to_numpy(zero_copy_only=False)]
    return part
