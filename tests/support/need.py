"""Skipping with a reason on a bare machine, failing in CI: nothing is left out silently."""

import os
from typing import NoReturn

import pytest


def missing(what: str, remedy: str) -> NoReturn:
    """Skip because ``what`` is not there; under ``LIANDONG_CI`` that is a failure."""
    if os.environ.get("LIANDONG_CI"):
        pytest.fail(f"{what} is missing in CI; {remedy}")
    pytest.skip(f"{what} is missing; {remedy}")
