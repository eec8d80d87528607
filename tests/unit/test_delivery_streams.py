"""Streams of servers as sources and sinks: the same warnings as from a file."""

import json
from collections import Counter

import psycopg
import pytest

import liandong as ld
from liandong.delivery import loop
from liandong.delivery.addresses import sink_at, source_at
from liandong.delivery.files import FileSource
from liandong.delivery.live import Live
from liandong.delivery.messages import of_warning
from liandong.errors import MissingExtraError
from liandong.step import extras
from support.happened import RULE, happened, spoilt, write
from support.servers import SERVERS

LINES = spoilt(happened(900))


@pytest.fixture(params=sorted(SERVERS))
def server(request, tmp_path):
    start, put = SERVERS[request.param]
    with start(tmp_path) as address:
        yield address, put


@pytest.fixture
def expected(tmp_path):
    path = write(tmp_path / "a.ndjson", LINES)
    with ld.open(tmp_path / "file.board") as board:
        with Live(board, "w", FileSource(path), RULE) as live:
            live.run()
        return said(board)


def said(board):
    last = {(r["rule"], r["event_id"]): r["level"] for r in board.store.books.rows("live_warning")}
    refused = Counter(r["reason"] for r in board.store.books.rows("watch_refusal"))
    return {k: v for k, v in last.items() if v}, refused


def watch(board, address, batches):
    """Watch for some batches and end in the middle; what was not committed is read again."""
    read = iter(range(batches))
    with Live(board, "w", source_at(address, None, follow=False), RULE) as live:
        live.run(lambda: next(read, None) is None)


def test_a_stream_says_what_a_file_says(server, expected, tmp_path, monkeypatch):
    from liandong.delivery import kafka, nats, redis

    for room, name in ((kafka, "MOST"), (nats, "AT_ONCE"), (redis, "AT_ONCE")):
        monkeypatch.setattr(room, name, 200)
    address, put = server
    put(address, "events", LINES)
    with ld.open(tmp_path / "stream.board") as board:
        for batches in (1, 2, 1, 1_000):
            watch(board, f"{address}/events", batches)
        assert board.store.books.rows("watch_state")[0]["taken"] == 900
        assert said(board)[1] == expected[1]
        assert said(board)[0] == expected[0]
        place = [r["place"] for r in board.store.books.rows("watch_refusal") if r["place"]]
    assert all(p.startswith("events") for p in place)


def test_a_server_that_is_not_there_is_an_error_of_the_network(server, monkeypatch):
    monkeypatch.setattr(loop, "LONGEST", 2)  # the client of NATS would try for two minutes
    address, _ = server
    scheme = address.partition("://")[0]
    nowhere = (
        f"{scheme}://127.0.0.1:1/0/events" if scheme == "redis" else f"{scheme}://127.0.0.1:1/x"
    )
    with pytest.raises(OSError):
        source_at(nowhere, None, follow=False).read(None, 0.1)


@pytest.mark.parametrize("kind", ["kafka", "nats"])
def test_warnings_go_out_to_a_stream(kind, tmp_path):
    start, put = SERVERS[kind]
    warning = {
        "warning_id": "i1", "code": "a", "rule": "r", "subject_id": "F1", "event_id": "e1",
        "level": "red", "amends": False, "evidence": "{}", "reasons": [],
    }  # fmt: skip
    from datetime import UTC, datetime

    warning |= {"at": datetime(2026, 1, 1, tzinfo=UTC), "seen_at": datetime(2026, 1, 1, tzinfo=UTC)}
    with start(tmp_path) as address:
        put(address, "out", ["first"])
        sink = sink_at(f"{address}/{'out' if kind == 'kafka' else 'out.in'}", "en")
        for _ in range(2):
            sink.send([of_warning(warning, ("en",))])
        source = source_at(f"{address}/out", None, follow=False)
        found, place = [], None
        while not (batch := source.read(place, 0.3)).ended:
            place = batch.place
            found += [r["text"] for r in batch.refused]
        source.close()
    times = 1 if kind == "nats" else 2  # the server of JetStream drops what it has had
    assert [json.loads(t)["warning_id"] for t in found if t != "first"] == ["i1"] * times


def test_rows_of_a_table_come_in_the_order_of_their_transactions(postgres_url, tmp_path):
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute(
            "CREATE TABLE event (tx xid8 DEFAULT pg_current_xact_id(), id bigserial UNIQUE,"
            " event_id text, source text, seq bigint, at timestamptz, seen_at timestamptz,"
            " kind text, subject_id text, other_id text, amount bigint, tag text)"
        )
        columns = "(event_id, at, kind, subject_id, amount)"
        add = f"INSERT INTO event {columns} VALUES (%s, %s, 'k', 'F', 1)"
        rule = RULE.changed(
            rules=[{"code": "any", "when": "amount > 0", "level": "red"}], shadow=[]
        )

        def ids():
            with ld.open(tmp_path / "t.board") as board:
                source = source_at(f"{postgres_url}#event", None, follow=False)
                with Live(board, "w", source, rule) as live:
                    live.run()
                return [r["event_id"] for r in board.store.books.rows("live_warning")]

        with psycopg.connect(postgres_url) as slow:
            slow.execute(add, ("slow", "2026-01-01T00:00:00Z"))  # has the first number
            db.execute(add, ("quick", "2026-01-01T00:01:00Z"))
            assert ids() == []
            slow.commit()
        assert ids() == ["slow", "quick"]
        db.execute(add, ("", "2026-01-01T00:02:00Z"))
        db.execute(add, ("last", "2026-01-01T00:03:00Z"))
        assert ids() == ["slow", "quick", "last"]
    with ld.open(tmp_path / "t.board") as board:
        assert [r["reason"] for r in board.store.books.rows("watch_refusal")] == ["text"]


@pytest.mark.parametrize("scheme", ["kafka", "nats", "redis"])
def test_a_missing_package_is_named(scheme, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match="streams"):
        source_at(f"{scheme}://127.0.0.1:1/0/x", None, follow=False)
