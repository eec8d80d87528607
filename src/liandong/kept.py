"""Where compiled kernels are kept by a user who may write neither beside the program nor at home.

Numba keeps them beside the source, or in the user's own cache, and refuses to begin with neither: a
service without a home would not start.
"""

import os
import stat
from pathlib import Path

PLACE = "NUMBA_CACHE_DIR"
"""The variable that names another one; processes that this one begins have it, too."""


def find_place() -> None:
    """Have kernels kept in a temporary folder of this user alone, if there is no better place."""
    beside = Path(__file__).with_name("kernels")
    if PLACE not in os.environ and not (os.access(beside, os.W_OK) or _is_at_home()):
        os.environ[PLACE] = str(_temporary())


def _is_at_home() -> bool:
    """Tell whether the user's cache can be written to, or made."""
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # nobody knows where that is
        return False
    there = next(p for p in (cache, *cache.parents) if p.exists())
    return os.access(there, os.W_OK)


def _temporary() -> Path:
    """Return a folder that is the same next time; another, if somebody else may write there.

    What lies in it is run: nobody else may have put it there.
    """
    import tempfile  # nobody else needs it when the program begins

    name = "liandong-kernels-"
    folder = Path(tempfile.gettempdir(), f"{name}{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if own and not found.st_mode & 0o077:
        return folder
    return Path(tempfile.mkdtemp(prefix=name))
