"""A full disk: the run fails with words and a remedy, and nothing has changed."""

import os
import subprocess
import sys

import liandong as ld
from liandong.errors import StorageError

CODE = """
import resource, signal, sys
import liandong as ld
from liandong.errors import StorageError
from liandong.world import make
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
board = ld.open(sys.argv[1], actor="full")
data = make(firms=600, months=24)["invoice"]
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    board.put("big", {"invoice": data})
except StorageError as error:
    print(error.exit_code, error.text("zh"), error.text("en"))
    sys.exit(error.exit_code)
"""


def test_files_that_may_not_grow(tmp_path):
    location = str(tmp_path / "full.board")
    with ld.open(location, actor="before") as board:
        board.put("small", {})
    env = {**os.environ, "PYTHONUTF8": "1"}
    child = subprocess.run([sys.executable, "-c", CODE, location], env=env, check=False,
                           capture_output=True, text=True, timeout=120)  # fmt: skip
    assert child.returncode == StorageError.exit_code, child.stderr
    assert "腾出空间" in child.stdout
    assert "free or mend it" in child.stdout
    with ld.open(location, actor="after") as board:
        assert len(board.table("invoice")) == 0
        assert board.runs()[-1].status in {"failed", "broken"}
        assert board.check() == []
        assert not list(board.store.lake.root.glob(".writing-*"))
