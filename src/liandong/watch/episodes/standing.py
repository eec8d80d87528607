"""How alerts stand at a moment, and which of one subject belong together."""

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import build, conform
from liandong.schema.tables import table
from liandong.schema.tables.alerts import STATES
from liandong.schema.tables.warnings import LEVELS
from liandong.step import Tables
from liandong.step.reasons import reason_list
from liandong.types import stable_id

Row = dict[str, Any]

_SEEN = ("party_id", "code", "state", "level", "opened_at", "last_at", "closed_at")
"""What a group is told by."""


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
    rows = alerts.sort_by(order)
    groups = _together(rows.select(_SEEN).to_pylist())
    ids = [stable_id("group", g[0]["party_id"], g[0]["opened_at"]) for g in groups]
    of_row = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    shared = {n: rows[n] for n in table("alert").names if n != "group_id"}
    group_id = pa.array(ids, pa.string()).take(pa.array(of_row, pa.int64()))
    return {
        "alert": build("alert", {**shared, "group_id": group_id}),
        "alert_group": _groups(ids, groups),
    }


def _together(rows: list[Row]) -> list[list[Row]]:
    """Put rows that are in order of subject and beginning together to groups."""
    groups: list[list[Row]] = []
    whose, until = None, None
    for row in rows:
        ends = row["closed_at"]
        if row["party_id"] == whose and (until is None or row["opened_at"] <= until):
            groups[-1].append(row)
            until = until and ends and max(until, ends)
        else:
            groups.append([row])
            whose, until = row["party_id"], ends
    return groups


def _groups(ids: list[str], groups: list[list[Row]]) -> pa.Table:
    """Return one row of ``alert_group`` each."""
    states = [min((r["state"] for r in g), key=STATES.index) for g in groups]
    last = [max(r["last_at"] for r in g) for g in groups]
    ends = [None if s != "closed" else max(r["closed_at"] for r in g)
            for s, g in zip(states, groups, strict=True)]  # fmt: skip
    return build("alert_group", {
        "group_id": ids,
        "party_id": [g[0]["party_id"] for g in groups],
        "state": states,
        "level": [max((r["level"] for r in g), key=LEVELS.index) for g in groups],
        "opened_at": [g[0]["opened_at"] for g in groups],
        "last_at": last,
        "closed_at": ends,
        "alerts": [len(g) for g in groups],
        "codes": [", ".join(sorted({r["code"] for r in g})) for g in groups],
        "reasons": reason_list([[("watch.episode_group", len(g))] for g in groups]),
    })  # fmt: skip
