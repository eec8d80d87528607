"""Files as sources: lines of JSON, CSV, Parquet; one that grows, or a folder that fills."""

import csv
import io
import json
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from liandong.delivery import lines
from liandong.delivery.source import EVENT, MOST, Batch, Refused, nothing
from liandong.errors import DataError
from liandong.schema.arrow import arrow_schema
from liandong.texts import both

KINDS = (".ndjson", ".jsonl", ".csv", ".parquet")
BLOCK = 1 << 23
"""Bytes of text that are read at once."""
PAUSE = 0.01


class FileSource:
    """Reads events from a file, or from the files of a folder in the order of their names.

    Parameters
    ----------
    path
        A file or a folder of ``.ndjson``, ``.jsonl``, ``.csv`` (with heads, a row a line) and
        ``.parquet`` files with the fields of ``watch_event``.
    follow
        Wait for what is still to be written; otherwise all ends with the last file. Parquet files
        are whole when they are there.
    """

    def __init__(self, path: Path, *, follow: bool = False) -> None:
        self._path, self._follow = path, follow
        if not path.exists():
            what, remedy = both("fault.missing_file"), both("advice.missing_file")
            raise DataError(file=path, what=what, remedy=remedy)
        self._parquet: tuple[Path, pq.ParquetFile] | None = None

    def read(self, place: str | None, wait: float) -> Batch:
        """Return what comes after a place."""
        until = time.monotonic() + wait
        while True:
            found = self._read(place)
            if found.rows or found.ended or found.place != place:
                return found
            if time.monotonic() >= until:
                return found
            time.sleep(PAUSE)

    def done(self, place: str | None) -> None:
        """Do nothing: files stay as they are."""

    def close(self) -> None:
        """Close the file."""
        self._parquet = None

    def _read(self, place: str | None) -> Batch:
        files = self._files()
        here = json.loads(place) if place else {"file": files[0].name if files else "", "at": 0}
        names = [f.name for f in files]
        if here["file"] not in names:
            later = [n for n in names if n > here["file"]]
            if not later:
                return nothing(place, ended=not self._follow)
            here = {"file": later[0], "at": 0}
        index = names.index(here["file"])
        last = index == len(files) - 1
        events, bad, at, behind = self._part(files[index], here["at"], whole=not (last and self._follow))
        if at == here["at"] and not last:
            return nothing(json.dumps({"file": names[index + 1], "at": 0}))
        behind += sum(f.stat().st_size for f in files[index + 1 :])
        there = json.dumps({"file": here["file"], "at": at})
        over = at == here["at"] and last and not self._follow
        return Batch(events, bad, there if at != here["at"] else place, behind, over)

    def _files(self) -> list[Path]:
        if self._path.is_file():
            return [self._path]
        return sorted(f for f in self._path.iterdir() if f.suffix in KINDS)

    def _part(self, path: Path, at: int, *, whole: bool) -> tuple[pa.Table, list[Refused], int, int]:
        """Return events, what is none, where it goes on, and how many bytes or rows come then."""
        name = self._path.stem
        if path.suffix == ".parquet":
            return self._rows(path, at, name)
        data, size = _block(path, at, whole=whole)
        after = at + len(data)
        where = f"{path.name}:{at}"
        if path.suffix == ".csv":
            events, bad = _csv(path, data, at, name)
        else:
            events, bad = lines.read(data, name, where)
        return events, bad, after, size - after

    def _rows(self, path: Path, at: int, name: str) -> tuple[pa.Table, list[Refused], int, int]:
        if self._parquet is None or self._parquet[0] != path:
            self._parquet = path, _opened(path)
        file = self._parquet[1]
        rows, first = file.metadata.num_rows, 0
        for group in range(file.metadata.num_row_groups):
            size = file.metadata.row_group(group).num_rows
            if at < first + size:
                part = self._group(path, file, group).slice(at - first, MOST)
                events = lines.filled(part, name)
                if lines.sound(events):
                    return events, [], at + len(part), rows - at - len(part)
                return (*_slow(part.to_pylist(), name, f"{path.name}:{at}"), at + len(part),
                        rows - at - len(part))  # fmt: skip
            first += size
        return EVENT.empty_table(), [], at, 0

    def _group(self, path: Path, file: pq.ParquetFile, group: int) -> pa.Table:
        if self._held is None or self._held[:2] != (path, group):
            self._held = path, group, _fitting(path, file.read_row_group(group))
        return self._held[2]

    _held: tuple[Path, int, pa.Table] | None = None


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        what = both("fault.unreadable_table", why=str(error).splitlines()[0])
        raise DataError(file=path, what=what, remedy=both("advice.csv_or_parquet")) from error


def _fitting(path: Path, rows: pa.Table) -> pa.Table:
    """Return rows as :data:`EVENT`; columns that have no place there are an error of the file."""
    columns = []
    for field in EVENT:
        if field.name not in rows.column_names:
            columns.append(pa.nulls(len(rows), field.type))
            continue
        try:
            columns.append(rows[field.name].cast(field.type))
        except pa.ArrowException as error:
            what = both("fault.column_type", field=field.name, why=error)
            raise DataError(file=path, what=what, remedy=both("advice.see_dictionary")) from error
    return pa.table(columns, schema=EVENT)


def _block(path: Path, at: int, *, whole: bool) -> tuple[bytes, int]:
    """Return whole lines from a byte on, and the size of the file; the last may lack its end."""
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(at)
        data = file.read(BLOCK)
        while data and b"\n" not in data and len(data) < size - at:
            data += file.read(BLOCK)
    end = data.rfind(b"\n") + 1
    complete = whole and at + len(data) == size
    return (data if complete else data[:end]), size


def _csv(path: Path, data: bytes, at: int, name: str) -> tuple[pa.Table, list[Refused]]:
    """Return the events of rows of CSV; the first row of the file has the heads."""
    if at == 0:
        head, _, data = data.partition(b"\n")
    else:
        with path.open("rb") as file:
            head = file.readline()
    heads = next(csv.reader([head.decode("utf-8-sig").rstrip("\r\n")]), [])
    unknown = [h for h in heads if h not in arrow_schema("watch_event").names]
    if unknown:
        what = both("fault.columns", names=", ".join(unknown), present=", ".join(heads))
        raise DataError(file=path, what=what, remedy=both("advice.see_dictionary"))
    if not data.strip():
        return EVENT.empty_table(), []
    options = pa_csv.ConvertOptions(
        column_types=EVENT, strings_can_be_null=True, null_values=[""],
        include_columns=EVENT.names, include_missing_columns=True,
    )  # fmt: skip
    try:
        events = pa_csv.read_csv(
            io.BytesIO(data), pa_csv.ReadOptions(column_names=heads, use_threads=False),
            convert_options=options,
        ).cast(EVENT)  # fmt: skip
    except pa.ArrowException:
        events = None
    if events is not None and lines.sound(events):
        return lines.filled(events, name), []
    return _csv_rows(data, heads, name, f"{path.name}:{at}")


def _csv_rows(data: bytes, heads: list[str], name: str, place: str) -> tuple[pa.Table, list[Refused]]:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8", "replace")), heads)
    found = []
    for row in rows:
        given = {k: v for k, v in row.items() if v}
        for key in {"seq", "amount"} & given.keys():
            if given[key].removeprefix("-").isdecimal():
                given[key] = int(given[key])
        found.append(given)
    return _slow(found, name, place)


def _slow(rows: list[dict[str, object]], name: str, place: str) -> tuple[pa.Table, list[Refused]]:
    """Judge rows one by one."""
    good, bad = [], []
    for number, row in enumerate(rows, start=1):
        text = json.dumps({str(k): v for k, v in row.items()}, ensure_ascii=False, default=str)
        found = lines.event(row, name, f"{place}+{number}", text)
        (bad if "reason" in found else good).append(found)
    return lines.table(good), bad
