"""The command line as a user meets it: output, exit code and language."""

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from unittest import mock

from liandong.cli import main

Done = tuple[int, str, str]
"""Exit code, and what was written to the two outputs."""


def call(*words: object, cwd: object, **env: str) -> Done:
    """Run a command in this process: to start a new one takes longer than most commands do."""
    given, out, err = _given(words), io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["liandong", *given]),
        mock.patch.dict(os.environ, _setting(env)),
        chdir(cwd),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main.run()
            code = 0
        except SystemExit as ended:
            code = ended.code or 0
    return code, out.getvalue(), err.getvalue()


def process(*words: object, cwd: object, **env: str) -> Done:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "liandong.cli", *_given(words)], cwd=cwd,
        env={**os.environ, **_setting(env)}, check=False, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def _given(words: tuple[object, ...]) -> list[str]:
    return [str(w) for w in words]


def _setting(env: dict[str, str]) -> dict[str, str]:
    return {"PYTHONUTF8": "1", "LIANDONG_LANG": "en", **env}
