"""What is told outside: warnings and changes of alerts, with ids that stay the same."""

import json
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from liandong.step.reasons import reason_text
from liandong.types import stable_id

Kind = Literal["warnings", "changes"]
Row = dict[str, Any]
_WARNING = ("warning_id", "code", "rule", "subject_id", "event_id", "level", "amends")
_CHANGE = (
    "watch", "seq", "alert_id", "change", "state", "instead", "party_id", "code", "rule", "level",
    "warnings", "value", "threshold",
)  # fmt: skip
_TIMES = ("known_from", "opened_at", "seen_at", "last_at", "cooling_at", "closed_at")


class Message(NamedTuple):
    """One thing that is told.

    Attributes
    ----------
    kind
        Of what.
    id
        Whoever has had it once need not look at it again.
    about
        The subject: what is told of one stays in order.
    body
        As JSON has it.
    """

    kind: Kind
    id: str
    about: str
    body: Row

    @property
    def encoded(self) -> bytes:
        """It as one message of a stream."""
        return json.dumps(self.body, ensure_ascii=False).encode()


Messages = Sequence[Message]


def of_warning(row: Row, langs: Sequence[str]) -> Message:
    """Return what is told of a row of ``live_warning``."""
    body = {n: row[n] for n in _WARNING} | {n: row[n].isoformat() for n in ("at", "seen_at")}
    body |= _grounds(row, langs)
    return Message("warnings", row["warning_id"], row["subject_id"], body)


def of_change(row: Row, langs: Sequence[str], *, snoozed: bool = False) -> Message:
    """Return what is told of a row of ``alert_change``.

    Parameters
    ----------
    langs
        Languages of the reasons.
    snoozed
        It was hidden until now: this is how the alert looks after that.
    """
    name = change_id(row["watch"], row["alert_id"], row["seq"])
    body = {"id": name, **{n: row[n] for n in _CHANGE}}
    body |= {n: row[n] and row[n].isoformat() for n in _TIMES}
    body |= {"snoozed": snoozed, **_grounds(row, langs)}
    return Message("changes", name, row["party_id"], body)


def change_id(watch: str, alert: str, seq: int) -> str:
    """Return the id of a change of an alert, made of the alert and its number in the watch."""
    return stable_id("alert_change", watch, alert, seq)


def _grounds(row: Row, langs: Sequence[str]) -> Row:
    reasons = [
        {**r, **{lang: reason_text(r["code"], r["points"], lang) for lang in langs}}
        for r in row["reasons"]
    ]
    return {"evidence": row["evidence"] and json.loads(row["evidence"]), "reasons": reasons}
