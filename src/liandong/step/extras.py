"""Packages that only some steps need, and that may not be there."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from liandong.errors import MissingExtraError


def lightgbm() -> Any:  # noqa: ANN401 - the module, an optional one
    """Return the package LightGBM.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    if find_spec("lightgbm") is None:
        raise MissingExtraError(package="lightgbm", extra="challenger")
    return import_module("lightgbm")
