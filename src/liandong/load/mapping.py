"""Which column of a file is which field: a mapping file, or the names themselves."""

import tomllib
from collections.abc import Mapping as Named
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from liandong.errors import DataError
from liandong.load.base import unusable
from liandong.schema.field import Field, Table
from liandong.schema.parse import UNITS
from liandong.schema.tables import table
from liandong.step.rule import complaint
from liandong.texts import unread


def _plain(value: object) -> object:
    """Let TOML write numbers, dates and truth values where the file holds them as text."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float | date) else value


Word = Annotated[str, BeforeValidator(_plain)]


class Column(BaseModel):
    """How to fill one field: from a column, with a unit, values to replace, and a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str = ""
    unit: str = ""
    values: dict[str, Word] = {}
    default: Word = ""


def _named(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class Mapping(BaseModel):
    """A mapping file.

    Attributes
    ----------
    columns
        By field: the name of its column, or a :class:`Column`.
    constants
        By field: one value for all rows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, Annotated[Column, BeforeValidator(_named)]] = {}
    constants: dict[str, Word] = {}


def read_mapping(source: str | Path | Named[str, Any] | None, name: str) -> Mapping:
    """Read the mapping of a file to the table ``name``.

    Parameters
    ----------
    source
        A TOML file, or its content as a dict; None is an empty mapping.

    Raises
    ------
    DataError
        If it cannot be read, is not TOML, or names a field or unit that does not exist.
    """
    where = str(source) if isinstance(source, str | Path) else "mapping"
    content = _toml(Path(source)) if isinstance(source, str | Path) else dict(source or {})
    try:
        mapping = Mapping.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"]) or "-"
        raise unusable(where, "mapping_value", where=at, why=complaint(first)) from error
    _need_known(mapping, table(name), where)
    return mapping


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise unusable(path, "missing_file") from error
    except OSError as error:
        raise unusable(path, "unreadable", why=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise unusable(path, "mapping_toml", why=unread(error)) from error


def _need_known(mapping: Mapping, spec: Table, where: str) -> None:
    unknown = sorted((set(mapping.columns) | set(mapping.constants)) - set(spec.names))
    if unknown:
        raise unusable(
            where, "mapping_field", table=spec.name, names=", ".join(unknown),
            present=", ".join(spec.names),
        )  # fmt: skip
    for name, column in mapping.columns.items():
        known = UNITS.get(spec.field(name).kind, {})
        if column.unit and column.unit not in known:
            raise unusable(
                where, "mapping_unit", field=name, unit=column.unit, present=", ".join(known) or "-"
            )


def match(spec: Table, mapping: Mapping, present: list[str], file: str) -> dict[str, Column]:
    """Return the column of each field: as mapped, else by its name or a label.

    Raises
    ------
    DataError
        If a field that must be filled has no column, or a mapped column is not there.
    """
    by_name = {name.casefold(): name for name in reversed(present)}
    found = dict(mapping.columns)
    for f in spec.fields:
        if f.name not in found and f.name not in mapping.constants:
            names = [by_name[n] for n in _names(f) if n in by_name]
            found |= {f.name: Column(column=names[0])} if names else {}
    lacking = [
        f"{c.column} ({name})" for name, c in found.items() if c.column and c.column not in present
    ]
    lacking += [
        f"{f.name} ({f.zh} / {f.en})"
        for f in spec.fields
        if not f.null and f.name not in found and f.name not in mapping.constants
    ]
    if lacking:
        raise _lacking(file, lacking, present)
    return found


def _names(f: Field) -> list[str]:
    return [f.name.casefold(), f.zh.casefold(), f.en.casefold()]


def _lacking(file: str, names: list[str], present: list[str]) -> DataError:
    return unusable(file, "columns", names=", ".join(names), present=", ".join(present))


def template(name: str) -> str:
    """Return an empty mapping file for a table, with labels, units and choices as comments."""
    spec = table(name)
    lines = [
        f"# {spec.zh} · {spec.en} ({spec.name})",
        "# 字段 = 列名 · field = name of its column; or",
        '# 字段 = { column = "列名", unit = "万元", values = { "正常" = "valid" }, default = "…" }',
        "# 不写的字段按字段名或中英文标签自动对应 · others are matched by name or label",
        "",
        "[columns]",
    ]
    lines += [line for f in spec.fields for line in _about(f)]
    return "\n".join([*lines, "", "# 各行相同的值 · one value for all rows", "[constants]", ""])


def _about(f: Field) -> list[str]:
    marks = ["可空 optional" if f.null else "必填 required"]
    marks += [" | ".join(f.choices)] if f.choices else []
    marks += [" ".join(f"{word} = {choice}" for word, choice in f.words)] if f.words else []
    marks += ["省级名称或六位代码 province or adcode"] if f.kind == "region" else []
    marks += [f"unit: {', '.join(UNITS[f.kind])}"] if f.kind in UNITS else []
    return [f"# {f.zh} · {f.en} ({'; '.join([f.kind, *marks])})", f'# {f.name} = ""']
