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


def test_public_names_are_there() -> None:
    import liandong

    assert sorted(liandong.__all__) == liandong.__all__
    assert all(getattr(liandong, name) is not None for name in liandong.__all__)
    assert set(liandong.__all__) <= set(dir(liandong))
    with pytest.raises(AttributeError, match="nonsense"):
        liandong.nonsense  # noqa: B018 - the look-up is the test
