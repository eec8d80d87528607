"""Govern against its peers: all modules ``govern_*`` beside this."""

import govern_authz
import govern_flags
import govern_log
import govern_sharing
from measure import in_parts


def bench(*, quick: bool) -> dict[str, object]:
    timed = govern_authz.bench, govern_log.bench, govern_flags.bench, govern_sharing.bench
    return in_parts(timed, (), quick=quick)
