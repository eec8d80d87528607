"""From warnings of a watch to its alerts, by the clock that only events move."""

import base64
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from liandong.kernels.streams.layout import Int
from liandong.schema.arrow import build, empty
from liandong.watch.episodes.rules import EpisodesRule
from liandong.watch.episodes.stream import EpisodeStream
from liandong.watch.windows.ledger import micros

SHARED = ("rule", "code", "subject_id", "at", "level", "evidence", "reasons", "amends")
MANY = 20_000
"""Warnings after which what is over is looked for, to be forgotten."""


class Alerts:
    """Joins the warnings of a watch to alerts.

    A warning is known when the clock of the watch stands at its event; one that late events bring,
    at once, which is just after the clock. So neither the machine's clock nor the sizes of batches
    decide when an alert cools and closes. Candidates count for nothing here.

    Parameters
    ----------
    rule
        How warnings become episodes.
    late
        So much older than the clock an event may be.

    Attributes
    ----------
    warnings
        How many rows of ``live_warning`` there were, those of candidates too.
    """

    def __init__(self, rule: EpisodesRule, late: timedelta) -> None:
        self._stream, self._late = EpisodeStream(rule), late
        # How many events of one moment a rule holds at: only the last one takes back what it says.
        self._said: Counter[tuple[str, str, int]] = Counter()
        self.warnings = self._fresh = self._kept = 0

    @property
    def clock(self) -> int:
        """Up to when things are known, in microseconds since 1970."""
        return self._stream.clock

    @property
    def going_on(self) -> int:
        """How many alerts are open or cool."""
        return self._stream.going_on

    def follow(self, rule: EpisodesRule, late: timedelta) -> None:
        """Go by other paces from now on; alerts that are remembered keep theirs."""
        self._stream.follow(rule)
        self._late = late

    def take(self, warnings: pa.Table, clock: datetime | None) -> pa.Table:
        """Take rows of ``live_warning`` in order and let time go by to the clock of the watch.

        Returns
        -------
        pyarrow.Table
            Rows of ``alert_version`` that are new, in the order in which they became known. One of
            the same alert and moment as an earlier one takes its place.
        """
        said = self._words(warnings) if len(warnings) else empty("warning")
        found = self._stream.take(said, clock).versions
        self.warnings += len(warnings)
        self._fresh += len(said)
        if self._fresh > max(MANY, self._kept):
            self._forget(clock)
        if len(found) < 2:
            return found
        return found.sort_by([("known_from", "ascending"), ("alert_id", "ascending")])

    def save(self, clock: datetime | None) -> dict[str, Any]:
        """Return all that has to be kept to go on later."""
        self._forget(clock)
        said = [[*key, n] for key, n in sorted(self._said.items())]
        episodes = base64.b64encode(self._stream.save()).decode()
        return {"warnings": self.warnings, "said": said, "episodes": episodes}

    def load(self, saved: dict[str, Any]) -> Self:
        """Go on where :meth:`save` was called."""
        rule = self._stream.rule
        self._stream = EpisodeStream.load(base64.b64decode(saved["episodes"]))
        self._stream.follow(rule)
        self._said = Counter({(r, s, at): n for r, s, at, n in saved["said"]})
        self.warnings = saved["warnings"]
        return self

    def _words(self, warnings: pa.Table) -> pa.Table:
        """Return rows of the table ``warning``: what is said of moments, not of events."""
        warnings = warnings.filter(pc.invert(warnings["shadow"]))
        kept = warnings.take(pa.array(self._last_words(warnings), pa.int64()))
        return build("warning", {n: kept[n] for n in SHARED} | {"seen_at": kept["known_at"]})

    def _last_words(self, warnings: pa.Table) -> Iterator[int]:
        """Tell which rows change what is said of their moment."""
        columns = (warnings["rule"].to_pylist(), warnings["subject_id"].to_pylist(),
                   micros(warnings["at"]).tolist())  # fmt: skip
        level = warnings["level"].to_pylist()
        for row, key in enumerate(zip(*columns, strict=True)):
            self._said[key] += 1 if level[row] else -1
            if level[row] or self._said[key] <= 0:
                yield row
            if self._said[key] <= 0:
                del self._said[key]

    def _forget(self, clock: datetime | None) -> None:
        if clock is None:
            return
        until = clock - self._late
        self._stream.forget(until)
        since = int(until.timestamp()) * 1_000_000
        self._said = Counter({key: n for key, n in self._said.items() if key[2] >= since})
        self._fresh, self._kept = 0, self._stream.remembered


def known_at(at: Int, clock: int, *, late: bool) -> pa.Array:
    """Return when what is said of moments is known, if the clock of alerts stood there before."""
    stamp = pa.timestamp("us", "UTC")
    return pa.array([clock + 1 if late or t < clock else t for t in at.tolist()]).cast(stamp)
