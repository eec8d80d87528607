"""Watch against its peers: all modules ``watch_*`` beside this."""

import watch_backtest
import watch_delivery
import watch_editor
import watch_episodes
import watch_ews
import watch_http
import watch_rules
import watch_screening
import watch_signals
import watch_windows
from measure import in_parts

TIMED = (
    watch_windows.bench,
    watch_rules.bench,
    watch_backtest.bench,
    watch_editor.bench,
    watch_delivery.bench,
    watch_http.bench,
    watch_episodes.bench,
    watch_screening.bench,
)
JUDGED = (watch_ews.bench, watch_signals.bench)


def bench(*, quick: bool) -> dict[str, object]:
    return in_parts(TIMED, JUDGED, quick=quick)
