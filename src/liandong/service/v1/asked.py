"""What a list of rows is asked for, and the cursor that says where it goes on."""

import json
from dataclasses import dataclass, replace
from typing import Any

from liandong.console.pages.table import chosen_of, filtered, read
from liandong.console.query import Query, Where, wrong
from liandong.schema.field import Table
from liandong.service.v1.cursor import LONGEST, cursor, opened
from liandong.texts import both

MOST = 1_000
"""Rows of one page at most."""
USUAL = 50
FORMATS = ("json", "ndjson", "csv", "arrow")
_TEXTS = frozenset({"id", "text", "choice", "region", "industry", "credit_code", "json", "hash"})


@dataclass(frozen=True)
class Asked:
    """Which rows of a table, which fields of them, in which order, and after which one.

    Attributes
    ----------
    fields
        What of each row; empty for all.
    sort, down
        A field before the key, and whether the largest comes first.
    chosen
        Filters, see :func:`.table.filtered`.
    last
        Values of the sort field, if any, and the key, by name, of the row that was told last.
    """

    spec: Table
    fields: tuple[str, ...]
    sort: str
    down: bool
    chosen: dict[str, str]
    limit: int
    last: dict[str, object] | None

    @classmethod
    def of(cls, spec: Table, query: Query) -> "Asked":
        """Read an address; UsageError says which value is wrong."""
        names = [f.name for f in spec.fields if f.kind != "reasons"]
        fields = tuple(n for n in query.text("fields", most=LONGEST).split(",") if n)
        for name in fields:
            if name not in spec.names:
                raise wrong("fields", name, both("advice.fields", names=", ".join(spec.names)))
        found = cls(
            spec, fields, query.choice("sort", names),
            query.choice("down", ("0", "1", "false", "true"), "0") in {"1", "true"},
            chosen_of(query), query.whole("limit", USUAL, low=1, high=MOST), None,
        )  # fmt: skip
        word = query.text("cursor", most=LONGEST)
        return replace(found, last=found._opened(word)) if word else found

    @property
    def ordered(self) -> tuple[str, ...]:
        """The fields by which the rows are ordered, all of them together different in each."""
        return tuple(dict.fromkeys((*([self.sort] if self.sort else []), *self.spec.key)))

    def cursor(self, row: dict[str, Any]) -> str:
        """Return the word for what comes after a row."""
        return cursor(self._about, [row[n] for n in self.ordered])

    def _opened(self, word: str) -> dict[str, object]:
        """Read a cursor; UsageError if it is not one of ours, or of another question."""
        given = opened(self._about, word, len(self.ordered))
        return {
            n: None if v is None else read(self.spec.field(n), _word(v))
            for n, v in zip(self.ordered, given, strict=True)
        }

    @property
    def _about(self) -> object:
        return (self.spec.name, self.sort, self.down, sorted(self.chosen.items()))

    @property
    def first(self) -> tuple[str, ...] | None:
        """Fields before the key by which the rows can be found in order; None: by a query only."""
        if self.down or (self.sort and self.chosen):
            return None
        if self.sort:
            return (self.sort,)
        alone = [n for n in self.chosen if n in self.spec.names]
        texts = all(self.spec.field(n).kind in _TEXTS for n in alone)
        if len(alone) != len(self.chosen) or len(alone) > 1 or not texts:
            return None
        return tuple(alone)

    def where(self) -> Where:
        """Return the condition of the rows that are asked for and come after the last one."""
        found = filtered(self.spec, self.chosen)
        if self.last is None:
            return found
        key = self.spec.key
        names, marks = ", ".join(f'"{k}"' for k in key), ", ".join("?" for _ in key)
        beyond, values = f"ROW({names}) > ROW({marks})", [self.last[k] for k in key]
        if not self.sort:
            return found.add(beyond, *values)
        field, value = f'"{self.sort}"', self.last[self.sort]
        if value is None:
            return found.add(f"{field} IS NULL AND {beyond}", *values)
        way = "<" if self.down else ">"
        later = f"{field} {way} ? OR {field} IS NULL OR ({field} = ? AND {beyond})"
        return found.add(later, value, value, *values)

    def order(self) -> str:
        """Return the order of the rows as a part of a query."""
        first = f'"{self.sort}" {"DESC" if self.down else "ASC"} NULLS LAST, ' if self.sort else ""
        return f" ORDER BY {first}" + ", ".join(f'"{k}"' for k in self.spec.key)

    def columns(self) -> str:
        """Return the fields of a row, or all, as a part of a query."""
        return ", ".join(f'"{n}"' for n in self.fields) or "*"


def _word(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
