"""How alerts stand at a moment, and which of one subject belong together."""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.streams.episodes import together
from liandong.schema.arrow import build, conform
from liandong.schema.tables import table
from liandong.schema.tables.alerts import STATES
from liandong.schema.tables.warnings import LEVELS
from liandong.step import Tables
from liandong.step.reasons import Reasons
from liandong.types import from_epoch, stable_id
from liandong.watch.episodes.telling import micros, times

Int = NDArray[np.int64]

GOING_ON = (1 << 57) - 1
"""When an alert ends that has not ended yet."""


def standing(versions: pa.Table, at: datetime | None = None) -> Tables:
    """Return the alerts as they stood by what was known at a moment.

    Parameters
    ----------
    versions
        The table ``alert_version``.
    at
        The moment, with a zone; None for all that is known.

    Returns
    -------
    dict
        ``alert``, without those that were withdrawn, and ``alert_group``: alerts of one subject,
        of whatever rule, whose times overlap or touch.
    """
    versions = conform("alert_version", versions)
    if at is not None:
        versions = versions.filter(pc.less_equal(versions["known_from"], pa.scalar(at)))
    ordered = versions.sort_by([("alert_id", "ascending"), ("known_from", "ascending")])
    ids = ordered["alert_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    last = np.ones(len(ids), np.bool_)
    last[:-1] = ids[1:] != ids[:-1]
    newest = ordered.filter(pa.array(last))
    return grouped(newest.filter(pc.not_equal(newest["state"], "withdrawn")))


def grouped(alerts: pa.Table) -> Tables:
    """Return the tables ``alert`` and ``alert_group`` of alerts that have no groups yet."""
    order = [("party_id", "ascending"), ("opened_at", "ascending"), ("alert_id", "ascending")]
    rows = alerts.sort_by(order).combine_chunks()
    party = rows["party_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    begun = micros(rows["opened_at"])
    over = micros(pc.fill_null(rows["closed_at"], from_epoch(GOING_ON)))
    group = together(party.astype(np.int64), begun, over)
    first = np.flatnonzero(np.diff(group, prepend=-1))
    ids = pa.array(
        [stable_id("group", p, b) for p, b in zip(
            rows["party_id"].take(pa.array(first)).to_pylist(), begun[first].tolist(), strict=True
        )], pa.string(),
    )  # fmt: skip
    shared = {n: rows[n] for n in table("alert").names if n != "group_id"}
    return {
        "alert": build("alert", {**shared, "group_id": ids.take(pa.array(group))}),
        "alert_group": _groups(ids, rows, first, over),
    }


def _groups(ids: pa.Array, rows: pa.Table, first: Int, over: Int) -> pa.Table:
    """Return one row of ``alert_group`` for each group, which begin at some rows."""
    state = _least(pc.index_in(rows["state"], value_set=pa.array(STATES)), first, np.minimum)
    level = _least(pc.index_in(rows["level"], value_set=pa.array(LEVELS)), first, np.maximum)
    alerts = np.diff(np.append(first, len(rows)))
    ends = _least(pa.array(over), first, np.maximum)
    codes = rows["code"].to_pylist()
    told = [", ".join(sorted(set(codes[i : i + n])))
            for i, n in zip(first.tolist(), alerts.tolist(), strict=True)]  # fmt: skip
    reasons = Reasons(len(first))
    reasons.add("watch.episode_group", alerts)
    return build("alert_group", {
        "group_id": ids,
        **{n: rows[n].take(pa.array(first)) for n in ("party_id", "opened_at")},
        "state": pa.array(STATES).take(pa.array(state)),
        "level": pa.array(LEVELS).take(pa.array(level)),
        "last_at": times(_least(rows["last_at"].cast(pa.int64()), first, np.maximum)),
        "closed_at": times(ends, state == STATES.index("closed")),
        "alerts": alerts,
        "codes": told,
        "reasons": reasons.column(),
    })  # fmt: skip


def _least(column: pa.ChunkedArray | pa.Array, first: Int, which: np.ufunc) -> Int:
    """Return the least or the largest of each group."""
    values = column.to_numpy().astype(np.int64)
    found: Int = which.reduceat(values, first) if len(first) else values
    return found
