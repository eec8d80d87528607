"""Watch against its peers: all modules ``watch_*`` beside this."""

import watch_backtest
import watch_delivery
import watch_editor
import watch_episodes
import watch_ews
import watch_http
import watch_kills
import watch_memory
import watch_rules
import watch_screening
import watch_signals
import watch_windows
from measure import in_parts

BY_THE_WALL = (watch_windows.one_event, watch_http.bench, watch_delivery.bench)
BY_THE_PROCESSOR = (
    watch_screening.bench,  # first: it tells the peak of its memory
    watch_windows.bench,
    watch_backtest.bench,
    watch_rules.bench,
    watch_episodes.bench,
    watch_editor.bench,
)
LONGEST = watch_kills.bench
JUDGED = (watch_ews.bench, watch_signals.bench, watch_memory.bench)


def bench(*, quick: bool) -> dict[str, object]:
    """Return all figures; when it has to be quick, processor seconds are measured beside others."""
    if quick:
        first, *others = BY_THE_PROCESSOR
        return in_parts(BY_THE_WALL, (LONGEST, first, *JUDGED, *others), quick=True)
    return in_parts((*BY_THE_PROCESSOR, *BY_THE_WALL), (LONGEST, *JUDGED), quick=False)
