"""Assess against its peers: all modules ``assess_*`` beside this."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import assess_binning
import assess_calibration
import assess_cumcm
import assess_export
import assess_inclusion
import assess_leaks
import assess_models
import assess_scoring

TIMED = (assess_binning.bench, assess_scoring.bench)
"""What is measured by the clock has the machine for itself."""
JUDGED = (
    assess_scoring.peer,
    assess_models.bench,
    assess_cumcm.bench,
    assess_export.bench,
    assess_calibration.bench,
    assess_inclusion.bench,
    assess_leaks.bench,
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
