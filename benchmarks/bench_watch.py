"""Watch against its peers: all modules ``watch_*`` beside this."""

import watch_rules
import watch_screening
import watch_windows
from measure import in_parts

TIMED = (watch_windows.bench, watch_rules.bench, watch_screening.bench)


def bench(*, quick: bool) -> dict[str, object]:
    return in_parts(TIMED, (), quick=quick)
