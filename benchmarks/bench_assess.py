"""Assess against its peers: binning, and whatever else has a module ``assess_*`` beside this."""

import assess_binning
import assess_calibration
import assess_export

PARTS = (assess_binning, assess_calibration, assess_export)


def bench(*, quick: bool) -> dict[str, object]:
    found: dict[str, object] = {}
    for part in PARTS:
        found |= part.bench(quick=quick)
    return found
