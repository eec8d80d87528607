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

TIMED = (assess_binning, assess_scoring)
"""What is measured by the clock has the machine for itself."""
JUDGED = (
    assess_models,
    assess_cumcm,
    assess_inclusion,
    assess_calibration,
    assess_export,
    assess_leaks,
)
"""What is measured by its answers may share it; the longest first."""


def bench(*, quick: bool) -> dict[str, object]:
    found: dict[str, object] = {}
    for part in TIMED:
        found |= part.bench(quick=quick)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(part.bench, quick=quick) for part in JUDGED]:
            found |= done.result()
    return found
