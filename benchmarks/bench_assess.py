"""Assess against its peers: all modules ``assess_*`` beside this."""

import assess_binning
import assess_calibration
import assess_cumcm
import assess_export
import assess_inclusion
import assess_leaks
import assess_models
import assess_scoring

PARTS = (
    assess_binning,
    assess_scoring,
    assess_models,
    assess_calibration,
    assess_cumcm,
    assess_calibration,
    assess_leaks,
    assess_inclusion,
    assess_export,
)


def bench(*, quick: bool) -> dict[str, object]:
    found: dict[str, object] = {}
    for part in PARTS:
        found |= part.bench(quick=quick)
    return found
