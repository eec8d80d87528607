"""Versions of the rules of a watch: which one holds, and what became of the others.

A version is proposed by one person and approved by another one, as a case. Versions are numbered;
of those proposed under one number the first that is approved holds, and the others are overtaken:
they were made from rules that are no longer the ones in use.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from liandong.types import stable_id

ACTION = "rules_of_watch"
"""What a case about a version asks for; its subject is the version."""
Row = dict[str, Any]


def standing(
    versions: Iterable[Mapping[str, Any]], cases: Iterable[Mapping[str, Any]]
) -> list[Row]:
    """Return the versions of one watch, newest first, each with what became of it.

    Parameters
    ----------
    versions
        Rows of ``watch_version`` of one watch.
    cases
        Rows of ``case``; those about other things are passed over.

    Returns
    -------
    list
        The rows with ``case_id``, ``state`` (``open``, ``approved``, ``rejected``, ``overtaken``),
        ``checker`` and ``closed_at``.
    """
    about = {c["subject"]: c for c in cases if c["action"] == ACTION}
    rows = [{**v, **_became(about.get(v["version_id"]))} for v in versions]
    first: dict[int, Row] = {}
    for row in sorted(rows, key=_decided):
        if row["state"] == "approved" and first.setdefault(row["number"], row) is not row:
            row["state"] = "overtaken"
    newest = max(first, default=0)
    for row in rows:
        if row["state"] == "open" and row["number"] <= newest:
            row["state"] = "overtaken"
    return sorted(
        rows, key=lambda r: (-r["number"], r["state"] != "approved", -r["at"].timestamp())
    )


def in_use(versions: Iterable[Row]) -> Row | None:
    """Return the version that holds, of what :func:`standing` returned; None without one."""
    return next((v for v in versions if v["state"] == "approved"), None)


def version(watch: str, number: int, rule: str, base: str | None, **about: object) -> Row:
    """Return a row of ``watch_version``; ``about`` has its ``reason``, ``actor`` and ``at``."""
    own = stable_id(ACTION, watch, number, rule, about["actor"])
    named = {"version_id": own, "watch": watch, "number": number, "rule": rule, "base": base}
    return {**named, **about}


def _became(case: Mapping[str, Any] | None) -> Row:
    """Return what became of a version; one that a maker approved alone stays open."""
    if case is None or case["checker"] == case["maker"]:
        return {"case_id": None, "state": "open", "checker": None, "closed_at": None}
    return {n: case[n] for n in ("case_id", "state", "checker", "closed_at")}


def _decided(row: Row) -> tuple[datetime, str]:
    return row["closed_at"] or row["at"], str(row["version_id"])
