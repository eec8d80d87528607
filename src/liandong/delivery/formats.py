"""Parts of files as events: lines of JSON, rows of CSV, groups of Parquet and Arrow."""

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from liandong.delivery import lines
from liandong.delivery.source import EVENT, Refused, table
from liandong.errors import DataError
from liandong.texts import both

LINE = 128
"""Bytes of a line of text, about."""


class Part(NamedTuple):
    """Events, what is none, where it goes on, and how many bytes or rows come then."""

    events: pa.Table
    refused: list[Refused]
    after: int
    behind: int


class Reader(Protocol):
    """Reads one file from a place on."""

    path: Path

    def read(self, at: int, most: int, *, whole: bool) -> Part:
        """Return about so many events; if the file is not whole, its last line may lack its end."""


def reader(path: Path, source: str) -> Reader:
    """Return who reads a file, by the end of its name."""
    return KINDS[path.suffix](path, source)


class JsonLines:
    """Lines of JSON; places are bytes."""

    def __init__(self, path: Path, source: str) -> None:
        self.path, self._source = path, source

    def read(self, at: int, most: int, *, whole: bool) -> Part:
        """Return the events of some lines."""
        data, size = _lines(self.path, at, most * LINE, whole=whole)
        after = at + len(data)
        return Part(*self._events(data, at), after, size - after)

    def _events(self, data: bytes, at: int) -> tuple[pa.Table, list[Refused]]:
        return lines.read(data, self._source, f"{self.path.name}:{at}")


class CsvLines(JsonLines):
    """Rows of CSV under heads, a row a line; places are bytes."""

    def _events(self, data: bytes, at: int) -> tuple[pa.Table, list[Refused]]:
        with self.path.open("rb") as file:
            first = file.readline()
        data = data if at else data[len(first) :]
        heads = next(csv.reader([first.decode("utf-8-sig").rstrip("\r\n")]), [])
        unknown = [h for h in heads if h not in EVENT.names]
        if unknown:
            what = both("fault.columns", names=", ".join(unknown), present=", ".join(heads))
            raise DataError(file=self.path, what=what, remedy=both("advice.see_dictionary"))
        events = _csv_events(data, heads)
        if lines.sound(events):
            return lines.filled(events, self._source), []
        rows = csv.DictReader(io.StringIO(data.decode("utf-8", "replace")), heads)
        found = [_whole({k: v for k, v in row.items() if v}) for row in rows]
        return _one_by_one(found, self._source, f"{self.path.name}:{at}")


class _Held(NamedTuple):
    """A group of rows in memory, and whether all of them are events."""

    group: int
    rows: pa.Table
    sound: bool


class Rows(ABC):
    """Rows of a file in groups; places are rows.

    Parameters
    ----------
    path
        The file.
    source
        Name of the source of events that name none.
    """

    def __init__(self, path: Path, source: str) -> None:
        self.path, self._source = path, source
        try:
            sizes = self._open()
        except (OSError, pa.ArrowException) as error:
            what = both("fault.unreadable_table", why=str(error).splitlines()[0])
            raise DataError(file=path, what=what, remedy=both("advice.csv_or_parquet")) from error
        self._ends = [0, *accumulate(sizes)]
        self._held = _Held(-1, EVENT.empty_table(), sound=True)

    @abstractmethod
    def _open(self) -> Iterable[int]:
        """Open the file, and return how many rows each of its groups has."""

    @abstractmethod
    def _group(self, number: int) -> pa.Table:
        """Return the rows of a group."""

    def read(self, at: int, most: int, *, whole: bool) -> Part:
        """Return the events of some rows; a file of this kind is always whole."""
        del whole
        if at >= self._ends[-1]:
            return Part(EVENT.empty_table(), [], at, 0)
        group = next(n for n, end in enumerate(self._ends[1:]) if at < end)
        if self._held.group != group:
            rows = lines.filled(self._fitting(self._group(group)), self._source)
            self._held = _Held(group, rows, sound=lines.sound(rows))
        events = self._held.rows.slice(at - self._ends[group], most)
        after = at + len(events)
        if self._held.sound:
            return Part(events, [], after, self._ends[-1] - after)
        found = _one_by_one(events.to_pylist(), self._source, f"{self.path.name}:{at}")
        return Part(*found, after, self._ends[-1] - after)

    def _fitting(self, rows: pa.Table) -> pa.Table:
        """Return rows as events; a column that cannot be one is an error of the file."""
        columns = []
        for field in EVENT:
            try:
                there = field.name in rows.column_names
                none = pa.nulls(len(rows), field.type)
                columns.append(rows[field.name].cast(field.type) if there else none)
            except pa.ArrowException as error:
                what = both("fault.column_type", field=field.name, why=error)
                remedy = both("advice.see_dictionary")
                raise DataError(file=self.path, what=what, remedy=remedy) from error
        return pa.table(columns, schema=EVENT)


class ParquetRows(Rows):
    """Row groups of Parquet."""

    def _open(self) -> Iterable[int]:
        self._file = pq.ParquetFile(self.path)
        about = self._file.metadata
        return [about.row_group(n).num_rows for n in range(self._file.num_row_groups)]

    def _group(self, number: int) -> pa.Table:
        return self._file.read_row_group(number, use_threads=False)


class ArrowRows(Rows):
    """Batches of an Arrow file: they lie as they are needed, and nothing has to be decoded."""

    def _open(self) -> Iterable[int]:
        # Not mapped but to count: events are kept, and a file that is cut short would end us.
        self._file = pa.ipc.open_file(pa.OSFile(str(self.path)))
        with pa.memory_map(str(self.path)) as mapped:
            found = pa.ipc.open_file(mapped)
            return [found.get_batch(n).num_rows for n in range(found.num_record_batches)]

    def _group(self, number: int) -> pa.Table:
        return pa.Table.from_batches([self._file.get_batch(number)])


KINDS: dict[str, type[JsonLines | Rows]] = {
    ".ndjson": JsonLines,
    ".jsonl": JsonLines,
    ".csv": CsvLines,
    ".parquet": ParquetRows,
    ".arrow": ArrowRows,
}
"""Who reads files by the end of their names."""


def _lines(path: Path, at: int, most: int, *, whole: bool) -> tuple[bytes, int]:
    """Return whole lines from a byte on, and the size of the file."""
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(at)
        data = file.read(most)
        while data and b"\n" not in data and at + len(data) < size:
            data += file.read(most)
    if whole and at + len(data) == size:
        return data, size
    return data[: data.rfind(b"\n") + 1], size


def _csv_events(data: bytes, heads: Sequence[str]) -> pa.Table:
    """Return rows as events; without any, as one of nothing, if Arrow cannot read them."""
    if not data.strip():
        return EVENT.empty_table()
    try:
        found = pa_csv.read_csv(
            io.BytesIO(data),
            pa_csv.ReadOptions(column_names=heads, use_threads=False),
            convert_options=pa_csv.ConvertOptions(
                column_types=EVENT, strings_can_be_null=True, null_values=[""],
                include_columns=EVENT.names, include_missing_columns=True,
            ),
        )  # fmt: skip
        return found.cast(EVENT)
    except pa.ArrowException:
        return table([{}])


def _whole(row: dict[str, str]) -> dict[str, object]:
    """Return a row of text with whole numbers where they belong."""
    numbers = {n: row[n] for n in ("seq", "amount") if n in row}
    return {**row, **{n: int(t) for n, t in numbers.items() if t.removeprefix("-").isdecimal()}}


def _one_by_one(
    rows: Sequence[Mapping[str, object]], source: str, place: str
) -> tuple[pa.Table, list[Refused]]:
    """Judge rows one by one."""
    good, bad = list[dict[str, object]](), list[Refused]()
    for number, row in enumerate(rows, start=1):
        text = json.dumps(dict(row), ensure_ascii=False, default=str)
        found = lines.event(dict(row), source, f"{place}+{number}", text)
        (bad if "reason" in found else good).append(found)
    return table(good), bad
