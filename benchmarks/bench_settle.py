"""Settle against its peers: all modules ``settle_*`` beside this."""

import settle_ledger
import settle_splits
from measure import in_parts


def bench(*, quick: bool) -> dict[str, object]:
    return in_parts((settle_splits.bench, settle_ledger.bench), (), quick=quick)
