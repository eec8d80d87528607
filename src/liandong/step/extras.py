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
    return optional("lightgbm", "lightgbm", "challenger")


def optional(module: str, package: str, extra: str) -> Any:  # noqa: ANN401 - the module
    """Return a module of a package that an extra installs.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    if find_spec(module.partition(".")[0]) is None:
        raise MissingExtraError(package=package, extra=extra)
    return import_module(module)
