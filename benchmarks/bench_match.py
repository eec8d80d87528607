"""Match against its peers: all modules ``match_*`` beside this."""

import match_assign
import match_certificate
import match_dispatch
import match_dual
import match_eligible
import match_joint
import match_online
import match_sites
from measure import in_parts

TIMED = (match_assign.bench, match_dual.bench, match_eligible.bench)
JUDGED = (
    match_online.bench,
    match_sites.bench,
    match_dispatch.bench,
    match_certificate.bench,
    match_joint.bench,
)


def bench(*, quick: bool) -> dict[str, object]:
    return in_parts(TIMED, JUDGED, quick=quick)
