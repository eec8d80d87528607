"""Versions of rules that two people decide on: which one holds, and what became of the others.

These are the rules of a watch, and agreements. A version is proposed by one person and approved by
another one, as a case. Versions are numbered; of those proposed under one number the first that is
approved holds, and the others are overtaken: they were made from rules that are no longer in use.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from liandong.types import stable_id

Row = dict[str, Any]


class Kind(NamedTuple):
    """What there are versions of.

    Attributes
    ----------
    action
        What a case about a version asks for; its subject is the version.
    table
        Where versions are kept.
    field
        Its field that says of what a row is a version.
    """

    action: str
    table: str
    field: str


WATCH = Kind("rules_of_watch", "watch_version", "watch")
AGREEMENT = Kind("agreement", "agreement_version", "agreement")


def standing(
    versions: Iterable[Mapping[str, Any]], cases: Iterable[Mapping[str, Any]], kind: Kind = WATCH
) -> list[Row]:
    """Return the versions of one watch or agreement, newest first, and what became of each.

    Parameters
    ----------
    versions
        Rows of the table of its kind.
    cases
        Rows of ``case``; those about other things are passed over.

    Returns
    -------
    list
        The rows with ``case_id``, ``state`` (``open``, ``approved``, ``rejected``, ``overtaken``),
        ``checker`` and ``closed_at``.
    """
    about = {c["subject"]: c for c in cases if c["action"] == kind.action}
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


def version(
    kind: Kind, name: str, number: int, rule: str, base: str | None, **about: object
) -> Row:
    """Return a row of a version; ``about`` has its ``reason``, ``actor`` and ``at``."""
    own = stable_id(kind.action, name, number, rule, about["actor"])
    named = {"version_id": own, kind.field: name, "number": number, "rule": rule, "base": base}
    return {**named, **about}


def _became(case: Mapping[str, Any] | None) -> Row:
    """Return what became of a version; one that a maker approved alone stays open."""
    if case is None or case["checker"] == case["maker"]:
        return {"case_id": None, "state": "open", "checker": None, "closed_at": None}
    return {n: case[n] for n in ("case_id", "state", "checker", "closed_at")}


def _decided(row: Row) -> tuple[datetime, str]:
    return row["closed_at"] or row["at"], str(row["version_id"])
