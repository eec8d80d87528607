"""Rows of tables found by their key without a query: what programs ask for most often."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from threading import Lock
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from liandong.console.plain import plain_json
from liandong.schema.field import Table
from liandong.schema.tables import table

if TYPE_CHECKING:
    from liandong.store.query import Session

Row = dict[str, Any]
MOST_CELLS = 6_000_000
"""Values of a table that is kept in order in memory; larger ones are asked by queries."""
MOST_TABLES = 8
"""Tables kept at a time."""
MOST_WRITTEN = 4 << 20
"""Bytes of the rows of a table that are kept as JSON."""


class Order:
    """The rows of a table in the order of some fields, nulls last.

    Parameters
    ----------
    data
        The rows.
    fields
        What to order by.
    """

    def __init__(self, data: pa.Table, fields: list[str]) -> None:
        self.fields = fields
        keys = [(f, "ascending") for f in fields]
        self._at = pc.sort_indices(data.select(fields), sort_keys=keys)
        self._columns = [_whole(data[f].take(self._at)) for f in fields]

    def __len__(self) -> int:
        return len(self._at)

    def rows(self, places: range) -> list[int]:
        """Return which rows of the table are at some places, one after the other."""
        found: list[int] = self._at[places.start : places.stop].to_pylist()
        return found

    def named(self, i: int) -> Row:
        """Return the fields of the order at place ``i``."""
        return {n: c[i].as_py() for n, c in zip(self.fields, self._columns, strict=True)}

    def span(self, begin: Sequence[object]) -> range:
        """Return the places of the rows whose first fields are ``begin``."""
        key, wanted = self._key(len(begin)), _comparable(begin)
        places = range(len(self))
        first = bisect_left(places, wanted, key=key)
        end, step = first, 1  # most often there is one, or a few: look near by
        while end < len(self) and key(end) == wanted:
            end, step = min(end + step, len(self)), step * 2
        return range(first, bisect_right(places, wanted, first, end, key=key))

    def after(self, last: Sequence[object], within: range) -> range:
        """Return the places that come after a row with these values."""
        first = bisect_right(within, _comparable(last), key=self._key(len(last)))
        return within[first:]

    def _key(self, fields: int) -> Callable[[int], tuple[object, ...]]:
        columns = self._columns[:fields]
        return lambda i: _comparable([c[i].as_py() for c in columns])


class Lookup:
    """One table by its key, and by fields that were asked for.

    Parameters
    ----------
    spec, data
        The table and its rows.
    parts
        How many of them each run wrote, one run after the other; empty if that is not known.
    """

    def __init__(self, spec: Table, data: pa.Table, parts: Sequence[tuple[int, str]] = ()) -> None:
        self.spec = spec
        self._data = data.combine_chunks()
        self._ends = [*accumulate(rows for rows, _ in parts)]
        self._runs = [run for _, run in parts]
        self._orders: dict[tuple[str, ...], Order] = {}
        self._written: dict[int, bytes] = {}
        self._bytes = 0

    def ordered(self, *first: str) -> bool:
        """Tell whether :meth:`order` answers at once."""
        return first in self._orders

    def order(self, *first: str) -> Order:
        """Return the rows in the order of some fields, then of the key."""
        found = self._orders.get(first)
        if found is None:
            found = self._orders[first] = Order(
                self._data, [*dict.fromkeys((*first, *self.spec.key))]
            )
        return found

    def rows(self, places: Sequence[int]) -> list[Row]:
        """Return some rows."""
        if not places:
            return []
        first, last = places[0], places[-1]
        # Most often they lie as they are asked for, which is far less work.
        side_by_side = [*places] == [*range(first, last + 1)]
        chosen = self._data.slice(first, len(places)) if side_by_side else self._data.take(places)
        found: list[Row] = chosen.to_pylist()
        return found

    def only(self, key: Mapping[str, object]) -> int | None:
        """Return the row with a whole key if it is known who wrote it; None otherwise."""
        if not self._runs or {*key} != {*self.spec.key}:
            return None
        order = self.order()
        places = order.span([key[n] for n in self.spec.key])
        return order.rows(places)[0] if len(places) == 1 else None

    def run(self, i: int) -> str:
        """Return the run that wrote a row."""
        return self._runs[bisect_right(self._ends, i)]

    def json(self, places: Sequence[int]) -> list[bytes]:
        """Return some rows as JSON."""
        new = [i for i in places if i not in self._written]
        made = dict(zip(new, map(plain_json, self.rows(new)), strict=True))
        if self._bytes < MOST_WRITTEN:
            self._written.update(made)
            self._bytes += sum(map(len, made.values()))
        return [made.get(i) or self._written[i] for i in places]


class Lookups:
    """The lookups of one state of a board; threads may share them.

    Parameters
    ----------
    session
        What to read.
    before
        Those of an earlier state: tables of the lake that look the same now are taken over.
    """

    def __init__(self, session: "Session", before: "Lookups | None" = None) -> None:
        self.session = session
        self._lock = Lock()
        self.known: dict[str, Lookup | None] = {}
        if before and session.cut is before.session.cut:
            known = [*before.known.items()]  # others may still add to them
            self.known = {n: found for n, found in known if table(n).home == "lake"}

    def ready(self, name: str, *first: str) -> Lookup | None:
        """Return a table if it is there at once in the order of some fields, then of its key."""
        found = self.known.get(name)
        return found if found is not None and found.ordered(*first) else None

    def of(self, name: str) -> Lookup | None:
        """Return a table by its key; None if it is too large for that."""
        if name in (known := self.known):
            return known[name]
        with self._lock:
            if name not in self.known:
                self.known = dict([*self.known.items()][1 - MOST_TABLES :])
                self.known[name] = self._made(table(name))
            return self.known[name]

    def _made(self, spec: Table) -> Lookup | None:
        count = f'SELECT count(*) AS n FROM "{spec.name}"'  # noqa: S608 - a name of the schema
        rows = self.session.ask(count)["n"][0].as_py()
        if rows * len(spec.fields) > MOST_CELLS:
            return None
        data = self.session.ask(f'SELECT * FROM "{spec.name}"')  # noqa: S608 - a name of the schema
        found = Lookup(spec, data, self.session.parts(spec.name))
        found.order()  # now, and not while somebody waits in the loop
        return found


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _comparable(values: Sequence[object]) -> tuple[object, ...]:
    """Return values so that nulls come last."""
    return tuple(p for v in values for p in (v is None, v))
