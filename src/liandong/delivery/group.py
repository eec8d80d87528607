"""What waits for the next commit."""

from datetime import datetime
from typing import Any

import pyarrow as pa

from liandong.delivery.source import Batch
from liandong.schema.arrow import empty
from liandong.store.watching import Work
from liandong.watch.live.warnings import NO_WARNINGS
from liandong.watch.live.watcher import Seen


class Group:
    """Batches that are committed together.

    Parameters
    ----------
    said
        What was said before the first of them, if another file of the log shall begin.
    since
        When the first of them was read, by a clock that only goes forward.
    """

    def __init__(self, said: str | None, since: float) -> None:
        self._said = said
        self.since, self.rows, self.events = since, 0, 0
        self._taken: list[pa.Table] = [empty("watch_event")]
        self._warnings: list[pa.Table] = [NO_WARNINGS]
        self._alerts: list[pa.Table] = [empty("alert_version")]
        self.refused: list[dict[str, Any]] = []
        self._place: str | None = None

    def add(self, batch: Batch, seen: Seen, at: datetime) -> None:
        """Add a batch and what it brought."""
        self.rows += batch.rows
        self.events += len(seen.taken)
        self._taken.append(seen.taken)
        self._warnings.append(seen.warnings)
        self._alerts.append(seen.alerts)
        self._place = batch.place
        self.refused += [{**row, "seen_at": at} for row in batch.refused]
        none = len(seen.quarantine) == 0
        self.refused += [] if none else [
            {"reason": r["reason"], "event_id": r["event_id"], "place": None, "detail": None,
             "text": None, "seen_at": at}
            for r in seen.quarantine.select(["reason", "event_id"]).to_pylist()
        ]  # fmt: skip

    def work(self, clock: datetime | None, at: datetime, size: int) -> Work:
        """Return what has to be written."""
        taken, warnings, alerts = (
            pa.concat_tables(t) for t in (self._taken, self._warnings, self._alerts)
        )
        return Work(taken, warnings, alerts, self.refused, self._place, clock, at, size, self._said)
