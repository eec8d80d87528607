"""Counters in pages: as they are written, over more than one page, and of a board of before."""

from datetime import date
from importlib.resources import files

import numpy as np
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import liandong as ld
from liandong.schema.arrow import build
from liandong.schema.sql import PAGE
from liandong.store.books import Books, connect
from liandong.store.ledger import paging
from liandong.store.migrate import migrate


def accounts(ids):
    n = len(ids)
    return build("account", {
        "account_id": ids, "owner_id": ids, "unit": ["CNY"] * n, "code": ["memo"] * n,
    })  # fmt: skip


def entries(pairs, word):
    n = len(pairs)
    return build("entry", {
        "entry_id": [f"{word}{k}" for k in range(n)], "debit": [d for d, _ in pairs],
        "credit": [c for _, c in pairs], "amount": [k + 1 for k in range(n)],
        "unit": ["CNY"] * n, "phase": ["posted"] * n, "event_time": [date(2026, 1, 1)] * n,
    })  # fmt: skip


def test_pages_are_digits_with_zeros_ahead():
    counters = np.zeros((2, PAGE, 4), np.int64)
    counters[0, 0], counters[1, PAGE - 1, 3] = (1, 20, 0, 2**62), 7
    texts = paging.to_text(counters).decode().split(",")[:-1]
    nothing = "0" * 19
    assert texts[0].startswith(f"{1:019}{20:019}{nothing}4611686018427387904")
    assert texts[1] == nothing * (4 * PAGE - 1) + f"{7:019}"
    assert (paging.of_texts(texts) == counters).all()


def test_accounts_opened_later_share_pages_with_those_before(board):
    """The database reads the counters as they were made, whoever posted and whatever was kept."""
    names = [f"n{k:02}" for k in range(2 * PAGE + 5)]
    board.ledger.open(accounts(names[: PAGE + 3]))
    ring = [(names[k], names[k + 1]) for k in range(PAGE + 2)]
    assert set(board.ledger.post(entries(ring, "a"))["result"].to_pylist()) == {"ok"}
    with ld.open(board.store.location, actor="other", lake=None) as other:
        other.ledger.open(accounts(names))
        ring = [(names[k], names[k - 1]) for k in range(len(names))]
        assert set(other.ledger.post(entries(ring, "b"))["result"].to_pylist()) == {"ok"}
    assert board.ledger.post(entries([(names[-1], names[0])], "c"))["result"].to_pylist() == ["ok"]
    found = board.ledger.balances().to_pylist()
    assert len(found) == len(names)
    assert (found[0]["debit"], found[0]["credit"]) == (1 + 1, 2 + 1)
    assert board.check() == []


def test_a_board_of_before_keeps_its_counters(location, tmp_path):
    server = sa.make_url(location) if "://" in location else None
    engine = connect(
        server.set(drivername="postgresql+psycopg")
        if server
        else sa.URL.create("sqlite", database=str(tmp_path / "books.sqlite"))
    )
    config = Config()
    config.set_main_option("script_location", str(files("liandong.store") / "migrations"))
    with engine.connect().execution_options(writing=True) as c, c.begin():
        config.attributes["connection"] = c
        command.upgrade(config, "0009")
        for k in range(PAGE + 1):
            c.execute(sa.text(f"INSERT INTO balance VALUES ('a{k:02}', {k}, {k * k}, 1, {10**18})"))
    migrate(engine, location)
    assert [tuple(r.values()) for r in Books(engine).rows("balance")] == [
        (f"a{k:02}", k, k * k, 1, 10**18) for k in range(PAGE + 1)
    ]
    engine.dispose()
