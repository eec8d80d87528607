"""How the command line speaks: lines, tables, progress bars, JSON."""

import csv
import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import typer

from liandong.errors import UsageError
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.board import Board, Progress
    from liandong.schema.field import Field, Table


@dataclass(frozen=True)
class Common:
    """The options that every command shares."""

    board: str
    actor: str | None
    lang: str


COMMON = Common("liandong.board", None, "en")
"""Set once by the command line before a command runs."""


def say(zh: str, en: str) -> str:
    """Return the text in the language of this call."""
    return zh if COMMON.lang == "zh" else en


def line(text: str) -> None:
    """Print one line of result."""
    typer.echo(text)


def document(text: str, out: Path | None) -> None:
    """Print a document, or write it to a file and say so; what cannot be written is an error."""
    if out is None:
        line(text)
        return
    write(out, text.encode())
    line(say(f"已写入 {out}", f"written to {out}"))


def write(out: Path, data: bytes) -> None:
    """Write a file; what cannot be written is an error."""
    try:
        out.write_bytes(data)
    except OSError as error:
        what = both("fault.unwritable", path=out, why=error.strerror)
        raise UsageError(what=what, remedy=both("advice.other_place")) from error


def problem(text: str) -> None:
    """Print one line of trouble to the error stream."""
    typer.echo(text, err=True)


def as_json(value: object) -> None:
    """Print a value as JSON; dates in ISO form."""
    line(json.dumps(_finite(value), ensure_ascii=False, default=_plain, allow_nan=False))


def _finite(value: object) -> object:
    """Return the value with NaN and infinities, which JSON does not know, as null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    return [_finite(v) for v in value] if isinstance(value, list) else value


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):  # what DuckDB makes of sums of whole numbers
        return int(value) if value == value.to_integral_value() else float(value)
    if hasattr(value, "__dict__"):
        return value.__dict__
    return str(value)


def board(*, create: bool = False) -> "Board":
    """Open the board of this call."""
    from liandong.board import open as open_board

    lang = cast("Literal['zh', 'en']", COMMON.lang)
    return open_board(COMMON.board, actor=COMMON.actor, lang=lang, create=create)


@contextmanager
def progress(first: str) -> Iterator["Progress"]:
    """Show a progress bar on the error stream while the block runs; yield its callback."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(first, total=None)

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield tell


def _reason(reason: Mapping[str, Any]) -> str:
    from liandong.step.reasons import reason_text, says_points

    said = reason_text(reason["code"], reason["points"], COMMON.lang)
    return said if says_points(reason) else f"{said} {reason['points']:+d}"


def cell(value: object, kind: str) -> str:
    """Write one value for people: money in yuan, rates in percent."""
    from liandong.types import Money, Rate

    if value is None:
        return "–"
    if kind == "money":
        return Money(cast("int", value)).yuan()
    if kind == "rate":
        return str(Rate(cast("int", value)))
    if kind == "float":
        return f"{value:,.6g}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if kind == "reasons":
        return "; ".join(_reason(r) for r in cast("list[dict[str, Any]]", value))
    return str(value)


def value(field: "Field", row: Mapping[str, Any]) -> str:
    """Write a field of a row; amounts of a unit without known places are in its least parts."""
    from liandong.schema.field import MINOR_UNITS
    from liandong.types import CURRENCY_PLACES

    found, unit = row[field.name], row.get("unit")
    if field.unit != MINOR_UNITS or field.kind != "money" or unit is None or found is None:
        return cell(found, field.kind)
    places = CURRENCY_PLACES.get(unit, 0)
    return f"{Decimal(found).scaleb(-places):,.{places}f}"


def rows(spec: "Table", found: Iterable[Mapping[str, Any]]) -> None:
    """Print rows of a table of the schema, with its labels as heads."""
    heads = [f.zh if COMMON.lang == "zh" else f.en for f in spec.fields]
    grid(heads, ([value(f, r) for f in spec.fields] for r in found))


def grid(heads: list[str], body: Iterable[list[str]]) -> None:
    """Print a grid in full: folded on a terminal, as wide as it needs to be in a pipe."""
    from rich import box
    from rich.console import Console
    from rich.table import Column, Table

    drawn = Table(*(Column(h, overflow="fold") for h in heads), box=box.SIMPLE_HEAD)
    for cells in body:
        drawn.add_row(*cells)
    width = None if sys.stdout.isatty() else 10_000
    Console(file=sys.stdout, width=width, markup=False, emoji=False).print(drawn, crop=False)


def as_csv(spec: "Table", found: Iterable[Mapping[str, Any]]) -> None:
    """Print rows as a CSV file that `liandong load` reads back: money in yuan, rates in percent."""
    out = csv.writer(sys.stdout)
    out.writerow(spec.names)
    for r in found:
        out.writerow([_exported(r[f.name], f.kind) for f in spec.fields])


def _exported(value: object, kind: str) -> object:
    if value is None or kind not in {"money", "rate", "reasons", "time"}:
        return value
    if kind == "reasons":
        return json.dumps(value, ensure_ascii=False)
    return cell(value, kind).replace(",", "") if kind != "time" else str(value)
