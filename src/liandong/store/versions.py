"""Tables in memory that several states of a board share as long as they have not changed."""

from collections import Counter, deque
from collections.abc import Callable
from itertools import count

import duckdb


class Versions:
    """The tables of a database that are of the newest state, or of one that somebody still reads.

    Whoever makes or frees tables holds the lock of the database.

    Parameters
    ----------
    db
        Where they lie, in its main schema.

    Attributes
    ----------
    left
        Places that nobody reads any more, once for each who did; to be added to at any time.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db, self._numbers = db, count()
        self._newest: dict[str, tuple[object, str]] = {}
        self._uses = Counter[str]()
        self.left = deque[str]()

    def use(self, name: str, key: object, make: Callable[[str], object]) -> str:
        """Return where a table lies that is to be read until the place is among those ``left``.

        Parameters
        ----------
        name
            What it is called.
        key
            What it is made of: the newest version is used again if that is equal.
        make
            Makes it at a place.
        """
        self._free()
        known = self._newest.get(name)
        if known is None or not (known[0] is key or known[0] == key):
            place = f"{name}@{next(self._numbers)}"
            make(place)
            if known is not None:
                self.left.append(known[1])
            known = self._newest[name] = key, place
            self._uses[place] = 1
        self._uses[known[1]] += 1
        return known[1]

    def _free(self) -> None:
        while self.left:
            place = self.left.popleft()
            self._uses[place] -= 1
            if not self._uses[place]:
                del self._uses[place]
                self._db.execute(f'DROP TABLE main."{place}"')
