"""Which of what a watch says passes to a sink next: filters, and what somebody has snoozed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from liandong.delivery.messages import Messages, Row, of_change, of_warning
from liandong.delivery.wanted import Wanted
from liandong.schema.tables.warnings import LEVELS
from liandong.store.outbox import OutboxBooks

AT_ONCE = 100
"""Messages of one delivery at most."""
Snoozes = Callable[[], list[Row]]
TAKEN_BACK = ("amended", "withdrawn")
"""Changes after which an alert may be milder than before: who was told of it hears of these."""


class Passing(NamedTuple):
    """What is next for a sink.

    Attributes
    ----------
    sent
        The number up to which it then has all.
    messages
        To be sent; none if nothing of it passes.
    silent
        Rows of ``watch_silence`` of what is snoozed.
    told, over
        Alerts that were waiting for the end of a snooze: now told, or nothing to tell.
    """

    sent: int
    messages: Messages = ()
    silent: Sequence[Row] = ()
    told: Sequence[str] = ()
    over: Sequence[str] = ()


def next_warnings(
    books: OutboxBooks, wanted: Wanted, sent: int, snoozes: Snoozes, at: datetime
) -> Passing | None:
    """Return the warnings that come next; what takes one back is never silenced."""
    rows = books.warnings(sent, AT_ONCE)
    if not rows:
        return None
    hides = _Hides(snoozes(), at)
    messages, silent = [], []
    for row in (r for r in rows if wanted.grave(r["level"])):
        snooze = hides.of(row["subject_id"], row["code"], row["level"])
        if snooze:
            silent.append(_silence(row["seq"], None, snooze, at))
        else:
            messages.append(of_warning(row, wanted.lang))
    return Passing(rows[-1]["seq"], messages, silent)


def next_alerts(
    books: OutboxBooks, wanted: Wanted, sent: int, snoozes: Snoozes, at: datetime
) -> Passing | None:
    """Return the changes of alerts that come next."""
    rows = books.changes(sent, AT_ONCE)
    if not rows:
        return None
    hides, last = _Hides(snoozes(), at), rows[-1]["seq"]
    messages, silent = [], []
    told: dict[str, None] = {}
    for row in _passing(books, wanted, rows, last):
        snooze = hides.of(row["party_id"], row["code"], row["level"])
        if snooze:
            told.pop(row["alert_id"], None)
            silent.append(_silence(row["seq"], row["alert_id"], snooze, at))
        else:
            told[row["alert_id"]] = None
            messages.append(of_change(row, wanted.lang))
    return Passing(last, messages, silent, list(told))


def woken(
    books: OutboxBooks, sink: str, wanted: Wanted, sent: int, snoozes: Snoozes, at: datetime
) -> Passing | None:
    """Return what is told of alerts whose snooze is over; None if there are none.

    Each looks as it did when the sink was told last, so that what comes later stays in order.
    """
    due = books.due(sink, at, AT_ONCE)
    if not due:
        return None
    hides, known = _Hides(snoozes(), at), _told_of(books, sink, wanted, due, sent)
    messages, told, over = [], [], []
    for look in {r["alert_id"]: r for r in books.changes_of(due, sent)}.values():
        alert = look["alert_id"]
        snooze = hides.of(look["party_id"], look["code"], look["level"])
        if snooze:
            books.wait_for(sink, alert, snooze)
        elif look["state"] in {"open", "cooling"} or alert in known:
            told.append(alert)
            messages.append(of_change(look, wanted.lang, snoozed=True))
        else:
            over.append(alert)
    return Passing(sent, messages, (), told, over)


def _told_of(
    books: OutboxBooks, sink: str, wanted: Wanted, alerts: list[str], sent: int
) -> set[str]:
    """Return the alerts of which a sink knows."""
    silent = books.silenced_of(sink, alerts)
    hidden = {r["seq"] for r in silent}
    known = {r["alert_id"] for r in silent if r["outcome"] == "told"}
    changes = books.changes_of(alerts, sent)
    return known | {r["alert_id"] for r in changes if wanted.wants(r) and r["seq"] not in hidden}


def _passing(books: OutboxBooks, wanted: Wanted, rows: list[Row], last: int) -> Iterable[Row]:
    """Return the changes that pass; what makes an alert milder does if the alert once passed."""
    milder = {r["alert_id"] for r in rows if _may_be_milder(wanted, r)}
    once: dict[str, int] = {}
    for row in books.changes_of(milder, last) if milder else ():
        if wanted.wants(row):
            once.setdefault(row["alert_id"], row["seq"])
    for row in rows:
        passed = once.get(row["alert_id"], row["seq"]) < row["seq"]
        if wanted.wants(row) or (passed and _may_be_milder(wanted, row)):
            yield row


def _may_be_milder(wanted: Wanted, row: Row) -> bool:
    back = row["change"] in TAKEN_BACK and row["change"] in wanted.changes
    return back and not wanted.grave(row["level"])


def _silence(seq: int, alert: str | None, snooze: Row, at: datetime) -> Row:
    return {
        "seq": seq, "alert_id": alert, "snooze_id": snooze["snooze_id"], "silenced_at": at,
        "until_at": snooze["until_at"], "outcome": "waiting" if alert else "over",
    }  # fmt: skip


class _Hides:
    """The snoozes that hold at a moment."""

    def __init__(self, snoozes: list[Row], at: datetime) -> None:
        self._own: dict[str, list[Row]] = {}
        for s in snoozes:
            if s["from_at"] <= at < s["until_at"]:
                self._own.setdefault(s["party_id"], []).append(s)

    def of(self, party: str, code: str, level: str | None) -> Row | None:
        """Return the snooze that hides something longest; None if none does."""
        found = [
            s for s in self._own.get(party, ())
            if s["code"] in {None, code} and level is not None
            and LEVELS.index(level) <= LEVELS.index(s["level"])
        ]  # fmt: skip
        return max(found, key=lambda s: s["until_at"], default=None)
