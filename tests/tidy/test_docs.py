"""The documents say what the code says, and their links lead somewhere."""

import subprocess
import sys

from support.source import ROOT


def test_reference_and_links_are_true() -> None:
    work = [sys.executable, str(ROOT / "tools" / "make_docs.py"), "--check"]
    done = subprocess.run(work, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
