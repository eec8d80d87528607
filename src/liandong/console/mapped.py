"""How somebody says on a page which column is which field: as a form, and as a mapping file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import tomli_w

from liandong.console.query import Query
from liandong.load.guess import Guess
from liandong.schema.tables import table

SAID = "mapped"
"""There in the address as soon as somebody has looked at the guesses."""
_PAIR = re.compile(r"\s*([^=,，]+?)\s*=\s*([^=,，]+?)\s*(?:[,，]|$)")
Row = dict[str, Any]


@dataclass(frozen=True)
class Draft:
    """Which column each field is read from.

    Attributes
    ----------
    table
        Name of the table.
    fields
        By field: ``column``, ``unit``, ``words`` (``word=choice, …``) and ``constant``, all texts.
    """

    table: str
    fields: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, query: Query, name: str) -> Self | None:
        """Read the form of an address; None if it has none for this table."""
        if query.text(SAID) != name:
            return None
        marks = {"column": "c.", "unit": "u.", "words": "w.", "constant": "k."}
        read = {
            f.name: {n: query.text(mark + f.name) for n, mark in marks.items()}
            for f in table(name).fields
        }
        return cls(name, read)

    @classmethod
    def guessed(cls, name: str, guesses: Mapping[str, Guess]) -> Self:
        """Take over what was guessed."""
        return cls(name, {n: {"column": g.column, "unit": g.unit} for n, g in guesses.items()})

    def field(self, name: str) -> Row:
        """Return what the form shows of a field."""
        blank = {"column": "", "unit": "", "words": "", "constant": ""}
        return {**blank, **self.fields.get(name, {})}

    def mapping(self) -> Row:
        """Return it as a mapping file has it."""
        read = {n: self.field(n) for n in self.fields}
        columns = {n: _column(f) for n, f in read.items() if f["column"]}
        constants = {n: f["constant"] for n, f in read.items() if f["constant"] and not f["column"]}
        return {"columns": columns, "constants": constants}

    def toml(self) -> str:
        """Return the mapping file."""
        return tomli_w.dumps(self.mapping())

    def given(self, query: Query) -> Row:
        """Return the options of a load."""
        said = {n: query.text(n) for n in ("encoding", "sheet")}
        return {"mapping": self.mapping()} | {n: v for n, v in said.items() if v}


def _column(said: Mapping[str, str]) -> str | Row:
    values = dict(_PAIR.findall(said["words"]))
    more = ({"unit": said["unit"]} if said["unit"] else {}) | ({"values": values} if values else {})
    return {"column": said["column"], **more} if more else said["column"]
