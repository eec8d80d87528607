"""Assess against its peers: all modules ``assess_*`` beside this."""

import assess_binning
import assess_calibration
import assess_cumcm
import assess_export
import assess_inclusion
import assess_leaks
import assess_models
import assess_scoring
from measure import in_parts

TIMED = (assess_binning.bench, assess_scoring.bench)
JUDGED = (
    assess_scoring.peer,
    assess_models.bench,
    assess_cumcm.bench,
    assess_export.bench,
    assess_calibration.bench,
    assess_inclusion.bench,
    assess_leaks.bench,
)


def bench(*, quick: bool) -> dict[str, object]:
    return in_parts(TIMED, JUDGED, quick=quick)
