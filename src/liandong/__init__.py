"""liandong (联动): linked regional development in one loop.

The public names load lazily, so that ``import liandong`` costs nothing:

>>> import liandong as ld
>>> callable(ld.open)
True
"""

from importlib import import_module
from typing import TYPE_CHECKING

from liandong.kept import find_place

__version__ = "0.1.0"

__all__ = [
    "Board",
    "Client",
    "LiandongError",
    "Money",
    "Rate",
    "assess",
    "govern",
    "match",
    "open",
    "settle",
    "survey",
    "trace",
    "watch",
]

_HOMES = {
    "Board": "board",
    "Client": "client",
    "LiandongError": "errors",
    "Money": "types",
    "Rate": "types",
    "open": "board",
}
"""Where the names are that are not modules themselves."""

find_place()

if TYPE_CHECKING:
    from liandong import assess, govern, match, settle, survey, trace, watch
    from liandong.board import Board, open  # noqa: A004 - ld.open mirrors the builtin on purpose
    from liandong.client import Client
    from liandong.errors import LiandongError
    from liandong.types import Money, Rate


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'liandong' has no attribute {name!r}")
    home = import_module(f"liandong.{_HOMES.get(name, name)}")
    return getattr(home, name) if name in _HOMES else home


def __dir__() -> list[str]:
    return [*globals(), *__all__]
