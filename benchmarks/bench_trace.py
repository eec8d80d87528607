"""Trace against its peers: all modules ``trace_*`` beside this."""

import trace_bounds
import trace_cycles
import trace_features
import trace_fifo
import trace_haircut
import trace_live
import trace_owners
import trace_samples
import trace_vouchers
from measure import in_parts

TIMED = (
    trace_fifo.bench,
    trace_haircut.bench,
    trace_cycles.bench,
    trace_features.bench,
    trace_live.bench,
)
JUDGED = (trace_bounds.bench, trace_owners.bench, trace_samples.bench, trace_vouchers.bench)


def bench(*, quick: bool) -> dict[str, object]:
    return in_parts(TIMED, JUDGED, quick=quick)
