"""Match against its peers: all modules ``match_*`` beside this."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import match_assign
import match_certificate
import match_dispatch
import match_dual
import match_eligible
import match_joint
import match_online
import match_sites

TIMED = (match_assign.bench, match_dual.bench, match_eligible.bench)
"""What is measured by the clock has the machine for itself."""
JUDGED = (
    match_online.bench,
    match_sites.bench,
    match_dispatch.bench,
    match_certificate.bench,
    match_joint.bench,
)
"""What is measured by its answers, or works in one thread, may share it; the longest first."""


def bench(*, quick: bool) -> dict[str, object]:
    found: dict[str, object] = {}
    for part in TIMED:
        found |= part(quick=quick)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(part, quick=quick) for part in JUDGED]:
            found |= done.result()
    return found
