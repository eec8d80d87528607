"""Versions of episodes as the kernel gives them, told as rows."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.streams import episodes as kernel
from liandong.schema.arrow import build, conform
from liandong.schema.tables.alerts import CHANGES, STATES
from liandong.schema.tables.warnings import LEVELS
from liandong.step.reasons import reason_list
from liandong.types import stable_id
from liandong.watch.episodes.rules import EpisodesRule

Int = NDArray[np.int64]

TIME = pa.timestamp("us", "UTC")
ORDER = ("known", "at", "grade", "value", "threshold", "evidence")
"""The order of what is known of one group: what is last of one moment is what counts of it."""


def micros(column: pa.ChunkedArray | pa.Array) -> Int:
    """Return times as microseconds since 1970."""
    found: Int = column.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return found


def times(moments: Int, here: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return microseconds since 1970 as times; null where they are not ``here``."""
    return pa.array(moments, mask=None if here is None else ~here).cast(TIME)


def grades(warnings: pa.Table) -> Int:
    """Return the level of each warning as the kernel reads it."""
    level = pc.index_in(warnings["level"], value_set=pa.array(LEVELS)).cast(pa.int64())
    void = pc.fill_null(warnings["amends"], fill_value=False)
    nothing = pc.if_else(void, kernel.VOID, kernel.NONE)
    grade: Int = pc.coalesce(level, nothing).to_numpy()
    return grade


def known(warnings: pa.Table) -> Int:
    """Return when each warning was known: never before the moment of which it speaks."""
    moments: Int = np.maximum(micros(warnings["seen_at"]), micros(warnings["at"]))
    return moments


def in_groups(warnings: pa.Table) -> tuple[pa.Table, Int]:
    """Return warnings group by group, each in the order of knowing, and where groups start."""
    warnings = conform("warning", warnings).combine_chunks()
    columns = {"known": known(warnings), "grade": grades(warnings)}
    columns |= {n: warnings[n] for n in ("rule", "subject_id", *ORDER) if n not in columns}
    keys = [(n, "ascending") for n in ("rule", "subject_id", *ORDER)]
    order = pc.sort_indices(pa.table(columns), sort_keys=keys)
    ordered = warnings.take(order)
    return ordered, starts(ordered)


def starts(ordered: pa.Table) -> Int:
    """Return the first row of each group and the number of rows."""
    rule, subject = (
        ordered[n].combine_chunks().dictionary_encode().indices.to_numpy()
        for n in ("rule", "subject_id")
    )
    new = np.flatnonzero((np.diff(rule) != 0) | (np.diff(subject) != 0)) + 1
    return np.concatenate([[0], new, [len(ordered)]]) if len(ordered) else np.zeros(1, np.int64)


def versions(ordered: pa.Table, start: Int, rule: EpisodesRule, clock: int) -> Int:
    """Return the versions of the episodes of warnings in groups, as the kernel gives them."""
    pace = rule.paces(ordered["code"].take(pa.array(start[:-1])).to_pylist())
    at = micros(ordered["at"])
    return kernel.versions(start, at, known(ordered), grades(ordered), pace, clock)


def told(found: Int, warnings: pa.Table) -> pa.Table:
    """Return versions as the table ``alert_version``.

    Parameters
    ----------
    found
        As the kernel gives them.
    warnings
        The rows of which ``found`` speaks.
    """
    worst = warnings.take(pa.array(found[:, kernel.WORST]))
    quiet, state = found[:, kernel.QUIET], found[:, kernel.STATE]
    cooled = (state == kernel.COOLING) | (state == kernel.CLOSED)
    replaced = found[:, kernel.INSTEAD] != kernel.NEVER
    others = _ids(worst.filter(pa.array(replaced)), found[replaced, kernel.INSTEAD])
    nobody = pa.nulls(len(found), pa.string())
    instead = pc.replace_with_mask(nobody, pa.array(replaced), others)
    return build("alert_version", {
        "alert_id": _ids(worst, found[:, kernel.BEGUN]),
        "known_from": times(found[:, kernel.KNOWN]),
        "change": pa.array(CHANGES).take(pa.array(found[:, kernel.CHANGE])),
        "state": pa.array((*STATES, "withdrawn")).take(pa.array(state)),
        "instead": instead,
        "party_id": worst["subject_id"], "rule": worst["rule"], "code": worst["code"],
        "level": pa.array(LEVELS).take(pa.array(found[:, kernel.LEVEL])),
        "opened_at": times(found[:, kernel.BEGUN]),
        "seen_at": times(found[:, kernel.SINCE]),
        "last_at": times(found[:, kernel.LAST]),
        "cooling_at": times(quiet, cooled),
        "closed_at": times(found[:, kernel.OVER], state == kernel.CLOSED),
        "warnings": found[:, kernel.WARNINGS],
        **{n: worst[n] for n in ("value", "threshold", "evidence")},
        "reasons": _reasons(found, worst),
    })  # fmt: skip


def _ids(warnings: pa.Table, begun: Int) -> pa.Array:
    """Return the ids of the alerts that began at some moments."""
    coded = [warnings[n].combine_chunks().dictionary_encode() for n in ("rule", "subject_id")]
    numbers = [c.indices.to_numpy().astype(np.int64) for c in coded]
    order = np.lexsort((begun, *numbers))
    columns = [c[order] for c in (*numbers, begun)]
    new = np.ones(len(order), np.bool_)
    new[1:] = np.logical_or.reduce([c[1:] != c[:-1] for c in columns])
    of_row = np.empty(len(order), np.int64)
    of_row[order] = np.cumsum(new) - 1
    rule, subject = (c.dictionary.take(pa.array(n[new])).to_pylist()
                     for c, n in zip(coded, columns, strict=False))  # fmt: skip
    parts = zip(rule, subject, columns[2][new].tolist(), strict=True)
    return pa.array([stable_id(*p) for p in parts], pa.string()).take(pa.array(of_row))


def _reasons(found: Int, worst: pa.Table) -> pa.Array:
    """Return the reasons of the worst warning, and how many there were if that counts."""
    raised = found[:, kernel.LEVEL] > found[:, kernel.PEAK]
    if not raised.any():
        return worst["reasons"].combine_chunks()
    rows = [[(r["code"], r["points"]) for r in row] for row in worst["reasons"].to_pylist()]
    for i in np.flatnonzero(raised):
        rows[i].append(("watch.episode_repeated", int(found[i, kernel.WARNINGS])))
    return reason_list(rows)
