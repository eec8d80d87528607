"""Settle against its peers: all modules ``settle_*`` beside this."""

import settle_ledger
import settle_recon
import settle_splits
from measure import in_parts


def bench(*, quick: bool) -> dict[str, object]:
    timed = settle_recon.bench, settle_splits.bench, settle_ledger.bench
    return in_parts(timed, (), quick=quick)
