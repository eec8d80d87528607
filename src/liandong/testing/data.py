"""Where real data for tests and benchmarks lie: read in place, never copied."""

import os
from pathlib import Path


def data_folder(name: str) -> Path | None:
    """Return the folder of a data set, or None if this machine has none.

    The folder is looked for in ``LIANDONG_DATA``, or else in ``shared/data`` beside the checkout.
    """
    beside = Path(__file__).parents[4] / "shared" / "data"
    folder = Path(os.environ.get("LIANDONG_DATA", beside)) / name
    return folder if folder.is_dir() else None
