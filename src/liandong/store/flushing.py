"""Names of files that last: a file is there after a crash if its folder was flushed."""

import os
from pathlib import Path


def flush(folder: Path) -> None:
    """Return when the names of the files in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
