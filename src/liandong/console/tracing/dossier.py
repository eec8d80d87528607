"""All there is to say about one traced loan, as files: CSV, Parquet, a report in PDF, a stamp."""

import hashlib
import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from liandong.console.cells import Cells
from liandong.console.pages import loan as page
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.render import sheet
from liandong.console.tracing.lots import Lot, read_lots
from liandong.console.tracing.paths import path_rows, paths
from liandong.console.tracing.sheets import circles_of
from liandong.errors import NotFoundError, UsageError
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.board import Board

STAMP = "stamp.json"
"""File that names what made all others, and their hashes."""
MOST_CIRCLES = 1000


def evidence(
    board: "Board", loan_id: str, place: str = "", method: str = "", most: int | None = None
) -> tuple[list[Row], int, int]:
    """Return the evidence paths of a loan to a place, or to all places.

    Parameters
    ----------
    board
        Where the loan was traced.
    loan_id, place
        The loan, and the account or sink; empty for all.
    method
        Rule; the first one the loan was traced by if empty.
    most
        Paths wanted, the largest first; None for all.

    Returns
    -------
    tuple
        Rows of the paths, how many paths there are, and fen of all together.

    Raises
    ------
    NotFoundError
        If the loan, or money of it at the place, is not there.
    """
    with closing(Reading(board, board.store.state())) as reading:
        data = _traced(reading, loan_id, method)
        found = paths(read_lots(reading, data["method"], loan_id), place, most)
    if not found.number:
        remedy = both("advice.ids_in_table", table="holding")
        raise NotFoundError(kind=both("kind.traced_place"), name=place, remedy=remedy)
    return path_rows(found.found), found.number, found.total


def dossier(
    board: "Board", loan_id: str, to: Path, lang: str, method: str = "", *, report: bool = True
) -> list[Path]:
    """Write the files about a loan into a folder; made again, they are the same byte by byte.

    Parameters
    ----------
    board
        Where the loan was traced.
    loan_id, method
        The loan, and the rule that the paths and the report follow; the first one if empty.
    to
        Folder, made if missing.
    lang
        ``zh`` or ``en``.
    report
        Whether the report in PDF is written, too.

    Raises
    ------
    NotFoundError
        If the loan was not traced.
    UsageError
        If the folder cannot be written.
    MissingExtraError
        If the report is wanted and reportlab is not installed.
    """
    with closing(Reading(board, board.store.state())) as reading:
        data = _traced(reading, loan_id, method)
        lots = read_lots(reading, data["method"], loan_id)
        made = _tables(reading, data, lots, lang)
        if report:
            from liandong.console.tracing.report import report_pdf

            shown = Cells(lang, {}, reading.places)
            key = (data["method"], loan_id, None)
            pictures = [page.drawn(reading, lots, way, key) for way in page.WAYS]
            made["report.pdf"] = report_pdf(data, pictures, shown)
    made[STAMP] = _stamp(data, made)
    return _written(to, made)


def _traced(reading: Reading, loan_id: str, method: str) -> dict[str, Any]:
    """Return the data of the loan's page; an error if it was not traced."""
    given = {"method": method} if method else {}
    data = page.data(reading, Query(given, parts={"loan_id": loan_id}))
    if data["traced"] is None:
        remedy = both("advice.run_first", step="trace.follow")
        raise NotFoundError(kind=both("kind.traced_loan"), name=loan_id, remedy=remedy)
    return data


def _tables(reading: Reading, data: dict[str, Any], lots: list[Lot], lang: str) -> dict[str, bytes]:
    """Return the tables of the dossier, each as CSV and as Parquet."""
    loan_id, method = data["loan"]["loan_id"], data["method"]
    where = Where().add("method = ?", method).add("loan_id = ?", loan_id)
    circles = circles_of(reading, loan_id, MOST_CIRCLES)["rows"]
    tables: dict[str, list[Row]] = {
        "reconciliation": reading.rows(
            "SELECT * FROM reconciliation WHERE loan_id = ? ORDER BY method", loan_id
        ),
        "rules": data["rules"],
        "paths": path_rows(paths(lots).found),
        "lots": [_lot_row(lots, lot) for lot in lots],
        "trail": reading.rows(
            "SELECT t.*, f.amount AS transfer, f.kind, f.purpose"
            " FROM (SELECT * FROM trail{where}) t LEFT JOIN flow f USING (flow_id)"
            " ORDER BY t.step, t.flow_id",
            where,
        ),
        "bands": data["bands"],
        "circles": [{k: v for k, v in c.items() if k != "path"} for c in circles],
        "circle_legs": [g for c in circles for g in c["path"]],
    }
    made = {}
    for name, rows in tables.items():
        if rows:
            made[f"{name}.csv"] = sheet(rows, lang, [*rows[0]])
            made[f"{name}.parquet"] = _parquet(rows)
    return made


def _lot_row(lots: list[Lot], lot: Lot) -> Row:
    parent = lots[lot.parent].lot_id if lot.parent >= 0 else None
    return {k: v for k, v in lot._asdict().items() if k != "us"} | {"parent": parent, "at": lot.at}


def _parquet(rows: list[Row]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink, compression="zstd")
    return bytes(sink.getvalue())


def _stamp(data: dict[str, Any], made: dict[str, bytes]) -> bytes:
    """Say what made the files, and what they are: their hashes."""
    told = {
        "loan_id": data["loan"]["loan_id"],
        "method": data["method"],
        "runs": data["stamp"],
        "files": {name: hashlib.sha256(body).hexdigest() for name, body in sorted(made.items())},
    }
    return json.dumps(told, ensure_ascii=False, indent=1, default=str).encode() + b"\n"


def _written(to: Path, made: dict[str, bytes]) -> list[Path]:
    try:
        to.mkdir(parents=True, exist_ok=True)
        for name, body in made.items():
            (to / name).write_bytes(body)
    except OSError as error:
        what = both("fault.unwritable", path=to, why=error.strerror)
        raise UsageError(what=what, remedy=both("advice.other_place")) from error
    return [to / name for name in made]
