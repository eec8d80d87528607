"""Compiled kernels have a place, also without a home; what others may have written is not run."""

import os
import stat
import subprocess
import sys
from pathlib import Path

WITHOUT = """
import os
os.access = lambda path, mode: False
import liandong.kernels.graphs.components, numba
print(numba.config.CACHE_DIR)
"""


def place(folder: Path) -> Path:
    env = {n: v for n, v in os.environ.items() if n != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], env={**env, "TMPDIR": str(folder)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return Path(done.stdout.strip())


def test_without_a_home_kernels_are_kept_in_a_folder_of_ones_own(tmp_path) -> None:
    found = place(tmp_path)
    assert found == place(tmp_path)
    assert found.parent == tmp_path
    assert stat.S_IMODE(found.stat().st_mode) == 0o700


def test_a_folder_that_others_may_write_to_is_not_used(tmp_path) -> None:
    taken = tmp_path / f"liandong-kernels-{os.getuid()}"
    taken.mkdir()
    taken.chmod(0o777)
    found = place(tmp_path)
    assert found != taken
    assert found.parent == tmp_path
    assert stat.S_IMODE(found.stat().st_mode) == 0o700
    taken.rmdir()
    taken.symlink_to(found)
    assert place(tmp_path) not in {taken, found}
