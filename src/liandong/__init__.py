"""liandong (联动): linked regional development in one loop.

The public names load lazily, so that ``import liandong`` costs nothing:

>>> import liandong as ld
>>> callable(ld.open)
True
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_VERBS = ("assess", "match", "settle", "watch", "trace", "survey", "govern")
_HOMES = {
    "Board": "liandong.board",
    "open": "liandong.board",
    "Money": "liandong.types",
    "Rate": "liandong.types",
    "LiandongError": "liandong.errors",
}

__all__ = [*_HOMES, *_VERBS]  # noqa: PLE0604 - all are strings

if TYPE_CHECKING:
    from liandong import assess, govern, match, settle, survey, trace, watch
    from liandong.board import Board, open  # noqa: A004 - ld.open mirrors the builtin on purpose
    from liandong.errors import LiandongError
    from liandong.types import Money, Rate


def __getattr__(name: str) -> object:
    if name in _VERBS:
        return import_module(f"liandong.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'liandong' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
