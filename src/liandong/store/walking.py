"""What lies below a folder that others write to."""

import os
from collections.abc import Iterator
from pathlib import Path


def below(folder: Path) -> Iterator[Path]:
    """Give every file and folder below a folder; what goes away meanwhile is left out.

    A folder comes before what is in it. ``OSError`` where one may not look.
    """
    for at, folders, files in os.walk(folder, onerror=_unless_gone):
        for name in (*folders, *files):
            yield Path(at, name)


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
