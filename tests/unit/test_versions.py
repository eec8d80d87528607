"""Tables of the books in memory: made again only if they are others, kept while they are read."""

from datetime import date

import duckdb
import pyarrow as pa
import pytest

import liandong as ld
from liandong.schema.arrow import build
from liandong.store.acts import record
from liandong.store.query import Session
from liandong.store.versions import Versions

SUM = "SELECT count(*) AS n FROM entry"


def tables(db: duckdb.DuckDBPyConnection) -> set[str]:
    return {n for (n,) in db.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


def test_what_is_made_of_the_same_is_made_once() -> None:
    with duckdb.connect() as db:
        versions, made = Versions(db), []

        def make(place: str) -> None:
            made.append(place)
            db.execute(f'CREATE TABLE "{place}" AS SELECT 1')

        data = pa.table({"x": [1, 2]})
        first = versions.use("t", data, make)
        assert versions.use("t", data, make) == versions.use("t", pa.table({"x": [1, 2]}), make)
        second = versions.use("t", pa.table({"x": [1, 3]}), make)
        other = versions.use("u", (first,), make)
        assert made == [first, second, other]
        assert tables(db) == {first, second, other}
        versions.left.extend([first, first])
        versions.use("u", (first,), make)
        assert tables(db) == {first, second, other}  # somebody still reads it
        versions.left.extend([first, second])
        versions.use("u", (second,), make)
        assert tables(db) == {second, *made[2:]}  # the newest stays, read or not


@pytest.fixture
def opened(board: ld.Board) -> ld.Board:
    ids = ["memo:a:CNY", "memo:b:CNY"]
    board.ledger.open(build("account", {
        "account_id": ids, "owner_id": ids, "unit": ["CNY"] * 2, "code": ["memo"] * 2,
    }))  # fmt: skip
    return board


def post(board: ld.Board, *names: str) -> None:
    day = date(2026, 1, 31)
    for name in names:
        row = {"entry_id": name, "debit": "memo:a:CNY", "credit": "memo:b:CNY", "amount": 1,
               "unit": "CNY", "phase": "posted", "event_time": day}  # fmt: skip
        assert board.ledger.post_one(row) == "ok"


def counted(session: Session) -> tuple[int, int]:
    session.keep("counted", SUM)
    return session.ask(SUM)["n"][0].as_py(), session.ask("FROM counted")["n"][0].as_py()


def act(board: ld.Board) -> None:
    with board.store.books.writing() as c:
        record(c, board.actor, "test", "-", {})


def test_a_session_takes_over_what_has_not_changed(opened: ld.Board) -> None:
    post(opened, "z")
    with Session(opened.store) as first:
        assert counted(first) == (1, 1)
        act(opened)
        with Session(opened.store, before=first) as second:
            assert counted(second) == (1, 1)
            assert tables(second.cut.db) == {"entry@0", "counted@1"}
            post(opened, "y", "a")
            with Session(opened.store, before=second) as third:
                assert counted(third) == (3, 3)
                assert counted(first) == counted(second) == (1, 1)
                assert third.ask("SELECT entry_id FROM entry")["entry_id"].to_pylist() == [
                    "a", "y", "z",
                ]  # fmt: skip
        post(opened, "b")
        with Session(opened.store, before=first) as fourth:
            assert counted(fourth) == (4, 4)
            assert counted(first) == (1, 1)
    with Session(opened.store, before=first) as last:
        assert counted(last) == (4, 4)
        assert tables(last.cut.db) == {"entry@4", "counted@5"}


def test_what_hangs_on_rows_that_are_not_on_the_board_is_ones_own(opened: ld.Board) -> None:
    with Session(opened.store) as first, Session(opened.store, before=first) as second:
        for session, n in ((first, 1), (second, 2)):
            session.hold("given", pa.table({"x": range(n)}))
            session.keep("crossed", "SELECT count(*) AS n FROM given, account")
            assert session.ask("FROM crossed")["n"][0].as_py() == 2 * n


def test_rows_that_came_since_are_read_alone(opened: ld.Board) -> None:
    books = opened.store.books
    post(opened, "m", "k")
    assert books.read("entry")["entry_id"].to_pylist() == ["k", "m"]
    post(opened, "l", "a", "z")
    asked = []
    keep = books._read
    books._read = lambda name, *only: asked.append(keep(name, *only)) or asked[-1]
    now = books.read("entry")
    assert now["entry_id"].to_pylist() == ["a", "k", "l", "m", "z"]
    assert asked[0]["entry_id"].to_pylist() == ["a", "l", "z"]
    assert now == keep("entry")
    assert books.read("entry") is now
