"""A table as seen on a board, and why a row of it says what it says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import NotFoundError, UsageError
from liandong.schema.arrow import build
from liandong.schema.field import Field, Table
from liandong.schema.parse import parse_column
from liandong.schema.tables import table
from liandong.step.reasons import reason_text
from liandong.step.run import Run
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.store import Store

Ask = Callable[[str, list[Any]], pa.Table]
"""Answers a SELECT with values for its marks."""
Made = Callable[[], list[str]]
"""Names the runs that wrote the rows that were asked for."""


@dataclass(frozen=True)
class Reason:
    """One reason of a row: code, contribution, and its words."""

    code: str
    points: int
    text: str


@dataclass(frozen=True)
class Why:
    """Where a row comes from.

    Attributes
    ----------
    row
        The row itself.
    reasons
        Its reasons in words, strongest first as the step ordered them.
    run
        The run that first made it; None for rows that people made (cases, acts).
    inputs
        The runs that made what that run read, by table.
    """

    table: str
    row: dict[str, Any]
    reasons: list[Reason]
    run: Run | None
    inputs: dict[str, list[Run]]


class View:
    """The current rows of a table.

    Parameters
    ----------
    store, name, lang
        Where to read, which table, and the language of reasons.
    """

    def __init__(self, store: "Store", name: str, lang: str) -> None:
        self.spec = table(name)
        self._store = store
        self._lang = lang

    def arrow(self) -> pa.Table:
        """Return all rows as Arrow."""
        return self._store.read(self.spec.name)

    def __len__(self) -> int:
        if self.spec.home == "lake":
            return sum(h["rows"] for h in self._store.heads(self.spec.name))
        return len(self.arrow())

    def where(self, **equal: object) -> pa.Table:
        """Return the rows whose fields equal the given values."""
        return _where(self.arrow(), self.spec, equal)

    def rows(self, **equal: object) -> list[dict[str, Any]]:
        """Return rows as dictionaries, filtered by equality."""
        found: list[dict[str, Any]] = self.where(**equal).to_pylist()
        return found

    def why(self, ask: Ask | None = None, made: Made | None = None, /, **key: object) -> Why:
        """Explain the one row that ``key`` names.

        The names of key fields may be short: ``project`` for ``project_id``.

        Parameters
        ----------
        ask
            Answers SQL with what somebody sees of the board, by default everything.
        made
            Names the runs that wrote the parts of what was asked, as far as they are known.

        Raises
        ------
        NotFoundError
            If there is no such row.
        UsageError
            If several rows match; the message says how many.
        """
        equal = self._full(key)
        seen = self._one(self._seen(ask, equal), equal) if ask else None
        runs = made() if seen and made else []
        if seen and len(runs) == 1:  # nobody else can have written it
            return self.explain(seen, runs[0])
        if seen:  # what is masked cannot be looked for among all rows
            equal = {n: v for n, v in equal.items() if not self.spec.field(n).personal}
        for part, found in self._parts(_typed(self.spec, equal)):
            if len(found):
                row = seen or self._one(found, equal)
                return self.explain(row, part["run_id"] if part else row.get("run_id"))
        raise self._missing(equal)

    def values(self, key: dict[str, object]) -> dict[str, object]:
        """Return the values of a key by the whole names of their fields, read as theirs."""
        return {n: v.as_py() for n, v in _typed(self.spec, self._full(key)).items()}

    def _seen(self, ask: Ask, equal: dict[str, object]) -> pa.Table:
        """Return the rows that somebody sees with the given values."""
        values = self.values(equal)
        where = " AND ".join(f'"{n}" = ?' for n in values) or "true"
        return ask(f'SELECT * FROM "{self.spec.name}" WHERE {where}', list(values.values()))  # noqa: S608 - of the schema

    def _one(self, found: pa.Table, equal: dict[str, object]) -> dict[str, Any]:
        if len(found) > 1:
            raise UsageError(
                what=both("fault.several_rows", table=self.spec.name, n=len(found), key=str(equal)),
                remedy=both("advice.whole_key", names=", ".join(self.spec.key)),
            )
        if not len(found):
            raise self._missing(equal)
        row: dict[str, Any] = found.to_pylist()[0]
        return row

    def _missing(self, equal: dict[str, object]) -> NotFoundError:
        name, remedy = ", ".join(map(str, equal.values())), both("advice.check_id")
        return NotFoundError(kind=self.spec.label, name=name, remedy=remedy)

    def _full(self, key: dict[str, object]) -> dict[str, object]:
        return {f"{k}_id" if f"{k}_id" in self.spec.names else k: v for k, v in key.items()}

    def _parts(
        self, equal: dict[str, pa.Scalar]
    ) -> Iterator[tuple[dict[str, Any] | None, pa.Table]]:
        """Yield rows part by part: whoever has found the one reads no more."""
        name = self.spec.name
        if self.spec.home == "books":
            rows = self._store.books.rows(name, **{n: v.as_py() for n, v in equal.items()})
            yield None, build(name, {n: [r[n] for r in rows] for n in self.spec.names})
            return
        each = [pc.field(n) == v for n, v in equal.items()]
        only = reduce(and_, each) if each else None
        for head in reversed(self._store.heads(name)):
            yield head, self._store.lake.read(name, [head["path"]], only)

    def explain(self, row: dict[str, Any], run_id: str | None) -> Why:
        """Explain a row that is known already, with the run that wrote it."""
        reasons = [
            Reason(r["code"], r["points"], reason_text(r["code"], r["points"], self._lang))
            for r in row.get("reasons") or ()
        ]
        run = self._store.run(run_id) if run_id else None
        return Why(self.spec.name, row, reasons, run, self._inputs(run) if run else {})

    def _inputs(self, run: Run) -> dict[str, list[Run]]:
        made = self._store.makers(frozenset(i for ids in run.inputs.values() for i in ids))
        return {name: [made[i] for i in ids if i in made] for name, ids in run.inputs.items()}


def _where(data: pa.Table, spec: Table, equal: dict[str, object]) -> pa.Table:
    for name, value in _typed(spec, equal).items():
        data = data.filter(pc.equal(data[name], value))
    return data


def _typed(spec: Table, equal: dict[str, object]) -> dict[str, pa.Scalar]:
    """Return values in the types of their fields; UsageError if there is no such field."""
    for name in equal:
        if name not in spec.names:
            remedy = both("advice.fields", names=", ".join(spec.names))
            raise UsageError(what=both("fault.no_field", name=name), remedy=remedy)
    return {name: _scalar(spec.field(name), value) for name, value in equal.items()}


def _scalar(f: Field, value: object) -> pa.Scalar:
    """Return ``value`` in the type of the field; text is read as a file's would be."""
    given = pa.chunked_array([pa.array([value])])
    typed, wrong = parse_column(given, f)
    if f.kind == "reasons" or wrong is not None:
        what = both("fault.not_a_value", value=value, field=f.name)
        raise UsageError(what=what, remedy=both("advice.see_dictionary"))
    return typed[0]
