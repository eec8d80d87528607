"""A page of a table beside the same page of Datasette: fifty of the same rows, over HTTP."""

import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from console_pages import asked
from liandong.board import Board
from measure import figures
from serving import until_open

TIMES = 15


def compared(board: Board, client: HTTPConnection) -> dict[str, object]:
    """Return milliseconds of a page of parties here and there."""
    if find_spec("datasette") is None:
        return {"table_page.ratio_vs_datasette": "datasette missing"}
    ours = _median(client, "/table/party?page={}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "peer.db"
        _copied(board, file)
        with _datasette(file) as other:
            theirs = _median(other, "/peer/party?_size=50&_next={}")
    said = {"ms": ours, "datasette_ms": theirs, "ratio_vs_datasette": ours / theirs}
    return figures("table_page", said)


def _median(client: HTTPConnection, path: str) -> float:
    spent = [asked(client, path.format(1 + k % 3))[0] for k in range(TIMES)]
    return float(np.median(spent[1:]))


def _copied(board: Board, file: Path) -> None:
    rows = board.table("party").arrow()
    marks = ", ".join("?" * rows.num_columns)
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(f"CREATE TABLE party ({', '.join(rows.column_names)})")
        columns = [[str(v) if v is not None else None for v in c.to_pylist()] for c in rows.columns]
        db.executemany(f"INSERT INTO party VALUES ({marks})", zip(*columns, strict=True))


@contextmanager
def _datasette(file: Path) -> Iterator[HTTPConnection]:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "datasette", "serve", str(file), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            until_open(port)
            with closing(HTTPConnection("127.0.0.1", port)) as client:
                yield client
        finally:
            server.terminate()
