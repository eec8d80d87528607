"""Who may do what: rows of table ``power``. Where nobody is named, everybody may."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from liandong.errors import RefusedError
from liandong.texts import both

ANYBODY = "*"
"""A holder that stands for all."""


def need(
    powers: Iterable[Mapping[str, Any]],
    holder: str,
    action: str,
    on: date,
    done: Collection[str] = (),
) -> None:
    """Refuse what a person may not do.

    Parameters
    ----------
    powers
        Rows of table ``power``.
    holder, action
        Who would do what.
    on
        The day on which powers have to be in force.
    done
        Steps in which the person has decided on the same subject. A power whose ``conflicts`` (a
        list of steps) names one of them is none for this subject.

    Raises
    ------
    RefusedError
        If some have the power in force and this person has not, or a conflict excludes him.
    """
    held = [p for p in powers if p["action"] == action and _holds(p, on)]
    own = [p for p in held if p["holder"] in {holder, ANYBODY}]
    if held and not own:
        raise RefusedError(actor=holder, action=action, reason=both("refusal.no_power"))
    for p in own:
        if both_done := sorted(set(json.loads(p["conflicts"] or "[]")) & set(done)):
            reason = both("refusal.decided_before", steps=", ".join(both_done))
            raise RefusedError(actor=holder, action=action, reason=reason)


def _holds(power: Mapping[str, Any], on: date) -> bool:
    since, until = power["valid_from"], power["valid_to"]
    return (since is None or since <= on) and (until is None or on <= until)
