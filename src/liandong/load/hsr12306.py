"""A timetable of China's high-speed trains as 12306 shows it: stations and the stops of trains.

Clock times carry no day. A stop follows the one before it by less than half a day: where the clock
goes back, midnight has passed, and minutes go on beyond 1,440. A stop for which that would take
half a day or more is refused, for its time is wrong or its day cannot be known. The first stop of
a trip has no arrival (the file says ``----`` or midnight), the last no departure. A train number
may run several trips; each is a trip of its own. Every trip is taken to run every day.

The header of the stations may call the name 电报码 and the code 站名: the column of three capital
letters is the code. Not read: whether a stop is open to passengers, and ``trains.csv``.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from liandong.load.base import Raw, hashes, need_folder
from liandong.load.sheet import Sheet, each_distinct, read_csv, told
from liandong.schema.checked import gather

STATIONS, STOPS = FILES = ("stations.csv", "stop_times.csv")
DAY = 1_440
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::[0-5]\d)?")
_NONE = {"", "----"}

Times = list[str | None]


def fingerprint(path: Path, **_: object) -> dict[str, str]:
    """Return the hashes of both files."""
    return hashes(need_folder(path, FILES))


def read(path: Path) -> Iterator[Raw]:
    """Read the folder.

    Parameters
    ----------
    path
        With the files of :data:`FILES`.

    Yields
    ------
    Raw
        ``station`` (without regions, which the file does not know) and ``stop_time``.
    """
    stations, stops = (read_csv(p) for p in need_folder(path, FILES))
    stations.need(["电报码", "站名", "拼音", "经度", "纬度"])
    stops.need(["train", "seq", "station", "arr", "dep", "trip"])
    code, name = _columns(stations)
    data = stations.data
    yield stations.raw(
        "station",
        {
            "station_id": data[code], "name": data[name],
            "name_en": each_distinct(data["拼音"], str.capitalize),
            "lon": data["经度"], "lat": data["纬度"],
        },
        labels={"station_id": code, "name": name, "lon": "经度", "lat": "纬度"},
    )  # fmt: skip
    known = dict(zip(data[name].to_pylist(), data[code].to_pylist(), strict=True))
    yield _stops(stops, known)


def _columns(stations: Sheet) -> tuple[str, str]:
    """Return what the header calls the code and the name."""
    codes = pc.match_substring_regex(stations.data["站名"], "^[A-Z]{3}$")
    return ("站名", "电报码") if pc.all(codes).as_py() else ("电报码", "站名")


def _stops(stops: Sheet, known: dict[str, str]) -> Raw:
    """Return the stops with minutes that go on beyond midnight; what has no place is refused."""
    data = stops.data
    arrives, departs, lost = _timed(data)
    station = each_distinct(data["station"], known.get)
    trip = pc.binary_join_element_wise(data["train"], data["trip"], "-")
    columns = {
        "trip_id": trip, "seq": data["seq"], "station_id": station,
        "arrives": pa.chunked_array([arrives]), "departs": pa.chunked_array([departs]),
    }  # fmt: skip
    strange = [i for i, there in enumerate(station.is_valid().to_pylist()) if not there]
    refused = pa.array([i in {*strange, *lost} for i in range(len(data))], pa.bool_())
    labels = {"arrives": "arr", "departs": "dep", "station_id": "station"}
    keep = pa.chunked_array([pc.invert(refused)])
    raw = stops.raw("stop_time", columns, keep=keep, labels=labels)
    faults = [
        _faults(stops, strange, "station", "unknown_station"),
        _faults(stops, sorted(lost), "arr", "no_day"),
    ]
    return replace(raw, faults=gather([f for f in (raw.faults, *faults) if f is not None]))


def _faults(stops: Sheet, rows: list[int], field: str, code: str) -> pa.Table | None:
    if not rows:
        return None
    taken = pa.array(rows, pa.int64())
    values = stops.data[field].take(taken).to_pylist()
    return told(stops.file, stops.rows.take(taken).to_pylist(), field, values, code)


def _timed(data: pa.Table) -> tuple[pa.Array, pa.Array, set[int]]:
    """Return arrivals and departures as minutes of the trip's first day, and rows without a day.

    A time that is none stays as it is, for the validation to name.
    """
    clocks = [data[c].to_pylist() for c in ("arr", "dep")]
    times: tuple[Times, Times] = ([None] * len(data), [None] * len(data))
    lost: set[int] = set()
    for rows in _trips(data):
        last: int | None = None
        for row in rows:
            now = last
            for out, clock, kept in zip(
                times, (c[row] for c in clocks), (row != rows[0], row != rows[-1]), strict=True
            ):
                if not kept or clock is None or clock.strip() in _NONE:
                    continue
                found = _CLOCK.fullmatch(clock.strip())
                if found is None:
                    out[row] = clock
                    continue
                minute = 60 * int(found[1]) + int(found[2])
                now, before = minute if now is None else now + (minute - now) % DAY, now
                out[row] = str(now)
                if before is not None and now - before >= DAY // 2:
                    lost.add(row)
            if row not in lost:
                last = now
    arrives, departs = (pa.array(t, pa.string()) for t in times)
    return arrives, departs, lost


def _trips(data: pa.Table) -> list[list[int]]:
    """Return the rows of each trip in the order of its stops."""
    found: dict[str, list[tuple[int, int]]] = {}
    for row, (trip, seq) in enumerate(
        zip(data["trip"].to_pylist(), data["seq"].to_pylist(), strict=True)
    ):
        place = int(seq) if seq and seq.strip().isdigit() else row
        found.setdefault(trip, []).append((place, row))
    return [[row for _, row in sorted(rows)] for rows in found.values()]
