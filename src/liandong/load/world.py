"""The synthetic economy as a source; it is checked like any other."""

from collections.abc import Callable, Iterator
from typing import Any

from liandong.load.base import Raw


def fingerprint(_: None, **__: object) -> dict[str, str]:
    """Return nothing: a world is made of its options alone."""
    return {}


def read(
    path: None,  # noqa: ARG001 - every source has one
    progress: Callable[[str, int, int], None] | None = None,
    **options: Any,  # noqa: ANN401 - the rule's fields
) -> Iterator[Raw]:
    """Make a world.

    Parameters
    ----------
    path
        Not used.
    progress
        Called while the world is made.
    **options
        Fields of :class:`liandong.world.WorldRule`: ``firms``, ``months``, ``seed`` …
    """
    from liandong.world import WorldRule, make

    for table, data in make(WorldRule.make(**options), progress=progress).items():
        yield Raw(table, data, "world")
