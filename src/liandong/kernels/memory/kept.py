"""Where compiled kernels are kept by a user who may write neither here nor at home.

Numba keeps them beside the source, or in the user's own cache, and refuses to begin with neither: a
service without a home would not start.
"""

import os
import stat
import tempfile
from pathlib import Path

import numba
from numba.core import config


def find_place() -> None:
    """Have kernels kept in a temporary folder of this user alone, if there is no better place."""
    try:
        numba.njit(cache=True)(find_place)  # looks for a place, and compiles nothing
    except RuntimeError:
        os.environ["NUMBA_CACHE_DIR"] = str(_temporary())  # for processes that this one begins, too
        config.reload_config()  # type: ignore[no-untyped-call] # numba has no types


def _temporary() -> Path:
    """Return a folder that is the same next time; another, if somebody else may write there.

    What lies in it is run: nobody else may have put it there.
    """
    name = "liandong-kernels-"
    folder = Path(tempfile.gettempdir(), f"{name}{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if own and not found.st_mode & 0o077:
        return folder
    return Path(tempfile.mkdtemp(prefix=name))
