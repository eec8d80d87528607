"""Govern against its peers: all modules ``govern_*`` beside this."""

import govern_authz
import govern_log
from measure import in_parts


def bench(*, quick: bool) -> dict[str, object]:
    return in_parts((govern_authz.bench, govern_log.bench), (), quick=quick)
