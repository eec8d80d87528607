"""Starting is light: the heavy libraries load where they are used."""

import subprocess
import sys

import pytest

HEAVY = {"numpy", "pyarrow", "numba", "scipy", "duckdb", "highspy", "sqlalchemy", "fastapi"}
IMPORT = "import liandong"
HELP = """
import sys
sys.argv = ["liandong", "--help"]
from liandong.cli.main import run
try:
    run()
except SystemExit as end:
    assert not end.code
"""


@pytest.mark.parametrize("work", [IMPORT, HELP], ids=["import", "help"])
def test_heavy_modules_stay_out(work: str) -> None:
    code = f"{work}\nimport sys\nprint('\\n' + ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.splitlines()[-1].split())
