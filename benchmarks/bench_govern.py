"""Govern against its peers: all modules ``govern_*`` beside this."""

import govern_flags
import govern_log
from measure import in_parts


def bench(*, quick: bool) -> dict[str, object]:
    return in_parts((govern_log.bench, govern_flags.bench), (), quick=quick)
