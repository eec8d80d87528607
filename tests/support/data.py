"""Real data in tests: found in place, or the test says why it skips."""

from pathlib import Path

import pytest

from liandong.testing.data import data_folder


def dataset(name: str) -> Path:
    """Return the folder of a data set; skip if this machine has none."""
    folder = data_folder(name)
    if folder is None:
        pytest.skip(f"the data set {name} is not on this machine (LIANDONG_DATA names its folder)")
    return folder
