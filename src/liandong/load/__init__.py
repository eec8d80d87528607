"""Foreign data into tables: one file a source; wrong rows to the error table, the rest loads.

A source is a module with two functions:

``fingerprint(path, **options)``
    SHA-256 by file of what :func:`load` would read.
``read(path, **options)``
    The raw rows, as :class:`liandong.load.base.Raw`; everything is checked here, once for all.
"""

import hashlib
import inspect
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

from liandong.errors import NotFoundError, UsageError
from liandong.load.base import Loaded, Raw
from liandong.load.mapping import template
from liandong.schema.checked import Checked, merge
from liandong.schema.sources import SOURCES, Source
from liandong.schema.tables import TABLES
from liandong.schema.validate import check_rows
from liandong.texts import both

__all__ = ["SOURCES", "Loaded", "Source", "fingerprint", "load", "part_name", "template"]


Progress = Callable[[str, int, int], None]
Where = str | Path | None


def load(
    name: str,
    path: Where = None,
    progress: Progress | None = None,
    **options: Any,  # noqa: ANN401 - options of the source
) -> Loaded:
    """Read a source into checked tables.

    Parameters
    ----------
    name
        One of :data:`SOURCES`, or a table for a CSV, Excel or Parquet file of one's own, or a query
        (``path`` is a database URL then, and ``query=`` the SQL).
    path
        File, folder or database URL.
    progress
        Called with the file, how many files are done, and of how many.
    **options
        What the source takes: ``mapping=``, ``encoding=``, ``vintage=`` …

    Raises
    ------
    DataError
        If the input as a whole cannot be used: which file, why, and what to do.
    NotFoundError, UsageError
        If there is no such source, or it does not take an option.
    """
    files = fingerprint(name, path, **options)
    told = {"progress": progress} if name == "world" else {}  # it alone takes a minute
    read = _bound(name, path, "read", options | told)
    with ThreadPoolExecutor() as pool:
        jobs: dict[str, list[Future[Checked]]] = {}
        seen: list[str] = []
        for raw in read():
            jobs.setdefault(raw.table, []).append(pool.submit(_check, raw))
            if raw.file not in seen:
                seen.append(raw.file)
                if progress:
                    progress(raw.file, len(seen) - 1, max(len(files), len(seen)))
        found = {t: merge(t, [j.result() for j in parts]) for t, parts in jobs.items()}
    unique = {table: checked.without_repeats() for table, checked in found.items()}
    if progress:
        progress(name, max(len(files), 1), max(len(files), 1))
    return Loaded(unique, files)


def _check(raw: Raw) -> Checked:
    found = check_rows(
        raw.table, raw.data, raw.file, raw.first_row, units=raw.units, columns=raw.columns
    )
    if raw.faults is not None:
        found = found.with_errors(raw.faults, len(raw.faults))
    return found if raw.notes is None else found.with_errors(raw.notes, 0)


def fingerprint(name: str, path: Where = None, **options: Any) -> dict[str, str]:  # noqa: ANN401 - options of the source
    """Return the SHA-256 of every file that :func:`load` would read; raises as it does."""
    found: dict[str, str] = _bound(name, path, "fingerprint", options)()
    return found


def part_name(name: str, path: Where = None, **options: Any) -> str:  # noqa: ANN401 - options of the source
    """Return the name of what this load brings: loading the same again replaces it.

    Files of the same name in different folders, different sheets, and different queries, are
    different parts.
    """
    if path is None:
        return name
    if _is_url(path):
        where, label = f"{path} {options.get('query')}", "sql"
    else:
        where, label = str(Path(path).resolve()), Path(path).name[:24]
        where += f" {options['sheet']}" if options.get("sheet") else ""
    return f"{name}:{label}@{hashlib.sha256(where.encode()).hexdigest()[:8]}"


def _bound(name: str, path: Where, function: str, options: dict[str, Any]) -> Callable[[], Any]:
    """Return a function of the source with its arguments, after a look at their names."""
    own = name not in SOURCES
    if own and (name not in TABLES or TABLES[name].home != "lake" or TABLES[name].secret):
        known = ", ".join([*SOURCES, *sorted(_open_tables())])
        remedy = both("advice.known", known=known)
        raise NotFoundError(kind=both("kind.source"), name=name, remedy=remedy)
    home = ("sql" if _is_url(path) else "file") if own else name
    module = import_module(f"liandong.load.{home}")
    where = path if path is None or home == "sql" else Path(path)
    given = {"table": name, **options} if own else options
    signature = inspect.signature(module.read)
    try:
        signature.bind(where, **given)
    except TypeError as error:
        takes = ", ".join(p for p in list(signature.parameters)[1:] if p != "table")
        what = both("fault.arguments", name=name, why=error)
        raise UsageError(what=what, remedy=both("advice.takes", names=takes or "-")) from error
    if path is None and home != "world":
        raise UsageError(what=both("fault.needs_path", name=name), remedy=both("advice.give_path"))
    return lambda: getattr(module, function)(where, **given)


def _open_tables() -> list[str]:
    return [t.name for t in TABLES.values() if t.home == "lake" and not t.secret]


def _is_url(path: Where) -> bool:
    return isinstance(path, str) and "://" in path
