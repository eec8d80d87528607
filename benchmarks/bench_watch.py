"""Watch against its peers: all modules ``watch_*`` beside this."""

import watch_rules
from measure import in_parts

TIMED = (watch_rules.bench,)


def bench(*, quick: bool) -> dict[str, object]:
    return in_parts(TIMED, (), quick=quick)
