"""Assess against its peers: binning, and whatever else has a module ``assess_*`` beside this."""

import assess_binning
import assess_calibration
import assess_export
import assess_inclusion
import assess_leaks

PARTS = (assess_binning, assess_calibration, assess_export, assess_inclusion, assess_leaks)


def bench(*, quick: bool) -> dict[str, object]:
    found: dict[str, object] = {}
    for part in PARTS:
        found |= part.bench(quick=quick)
    return found
