"""The ledger on the books: the same as a plain loop, whatever is sent, in both databases."""

import json
from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import liandong as ld
from liandong.errors import ConflictError, DataError, NotFoundError, RefusedError
from liandong.kernels.ledger.posting import RESULTS
from liandong.schema.arrow import build
from liandong.settle.ledger import balances
from liandong.texts import catalogue
from support.postings import Twin

DAY = date(2026, 3, 1)
COUNTERS = ("debit", "credit", "pending_debit", "pending_credit")
KNOWN = {
    "a": ("CNY", None), "b": ("CNY", "debits"), "c": ("CNY", "credits"), "m": ("MWh", None),
    "n": ("MWh", "debits"),
}  # fmt: skip


def accounts(known, prefix=""):
    return build("account", {
        "account_id": [prefix + k for k in known], "owner_id": ["o"] * len(known),
        "unit": [u for u, _ in known.values()], "code": ["memo"] * len(known),
        "capped": [c for _, c in known.values()],
    })  # fmt: skip


def entry(entry_id="1", debit="a", credit="b", amount=100, phase="posted", **more):
    plain = {"unit": "CNY", "event_time": DAY, "agreement": None, "ref": None, "until": None}
    own = {"entry_id": entry_id, "debit": debit, "credit": credit, "amount": amount}
    return {**plain, **own, "phase": phase, "linked": False, **more}


def batch(*rows):
    names = [n for n in rows[0] if n != "linked"]
    made = build("entry", {n: [r[n] for r in rows] for n in names})
    return made.append_column("linked", pa.array([r["linked"] for r in rows]))


def post(board, *rows):
    return board.ledger.post(batch(*rows))["result"].to_pylist()


def counters(board):
    return {
        r["account_id"]: [r[n] for n in COUNTERS]
        for r in board.ledger.balances().to_pylist()
        if any(r[n] for n in COUNTERS)
    }


def test_known_answers(board):
    assert board.ledger.open(accounts(KNOWN)) == 5
    assert board.ledger.open(accounts(KNOWN)) == 0
    assert post(
        board,
        entry("1"), entry("2", "b", "a", 101), entry("3", "b", "a", 60, "pending"),
        entry("4", "b", "a", 41), entry("5", "b", "a", 50, "post", ref="3"),
        entry("6", "b", "a", 1, "void", ref="3"), entry("1"), entry("1", amount=99),
        entry("7", linked=True), entry("8", "a", "a"), entry("7", "b", "a", 50),
    ) == [
        "ok", "debit_limit", "ok", "debit_limit", "ok", "ended_before", "exists",
        "exists_with_different_amount", "linked_failed", "same_account", "ok",
    ]  # fmt: skip
    assert counters(board) == {"a": [100, 100, 0, 0], "b": [100, 100, 0, 0]}
    at = board.table("entry").arrow()["book_time"].to_pylist()
    assert len(set(at)) == len(at) == 4
    assert post(board, {**entry("8"), "run_id": "forged"}) == ["ok"]
    assert board.store.books.rows("entry", entry_id="8")[0]["run_id"] is None
    assert board.check() == []
    with pytest.raises(sa.exc.DBAPIError), board.store.books.writing() as c:
        c.execute(sa.text("DELETE FROM entry"))


IDS = st.sampled_from([str(i) for i in range(7)])
ROWS = st.builds(
    entry, IDS, st.sampled_from([*KNOWN, "a", "b", "z"]), st.sampled_from([*KNOWN, "a", "b", "z"]),
    st.sampled_from([-1, 0, 3, 5, 8, 10**16]),
    st.sampled_from(["posted", "pending", "post", "void", "posted", "pending", "gone"]),
    unit=st.sampled_from(["CNY", "CNY", "MWh"]), ref=st.none() | IDS, linked=st.booleans(),
    event_time=st.sampled_from([DAY, DAY, DAY - timedelta(1)]),
    agreement=st.sampled_from([None, None, "x"]),
)  # fmt: skip
WORK = st.lists(st.lists(ROWS, min_size=1, max_size=9), min_size=1, max_size=4)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(WORK, st.booleans())
def test_any_batches_are_what_the_twin_makes_of_them(board, work, close):
    """Every example has accounts and ids of its own, since making a board takes long."""
    own = f"{board.ledger.balances().num_rows}-"
    board.ledger.open(accounts(KNOWN, own))
    twin = Twin({own + k: v for k, v in KNOWN.items()})
    twin.closed = board.store.books.rows("ledger_state")[0]["closed_to"]
    for rows in work:
        mine = [
            {**r, **{n: r[n] and own + r[n] for n in ("entry_id", "debit", "credit", "ref")}}
            for r in rows
        ]
        assert post(board, *mine) == twin.post(mine)
    wanted = {a: list(c) for a, c in twin.counters().items() if any(c)}
    assert {a: c for a, c in counters(board).items() if a.startswith(own)} == wanted
    if close:
        board.ledger.close(DAY - timedelta(1))


def test_counters_are_the_fold_of_the_first_oracle_as_of_either_time(board):
    board.ledger.open(accounts(KNOWN))
    later = DAY + timedelta(5)
    post(board, entry("1"), entry("2", "b", "a", 60, "pending"))
    seen = board.table("entry").arrow()["book_time"].to_pylist()[-1]
    post(board, entry("3", "b", "a", 40, "post", ref="2", event_time=later), entry("4"))
    every = board.table("entry").arrow()

    def oracle(rows):
        return balances(rows).select(["account_id", *COUNTERS]).to_pylist()

    def found(**asof):
        return board.ledger.balances(**asof).to_pylist()

    def chosen(which):
        return every.filter(pa.array([which(r) for r in every.to_pylist()]))

    assert found(event=later) == oracle(every)
    assert found(event=DAY) == oracle(chosen(lambda r: r["event_time"] <= DAY))
    assert found(book=seen) == oracle(chosen(lambda r: r["book_time"] <= seen))
    assert len(found(book=seen, event=DAY - timedelta(1))) == 0


def test_reservations_time_out_and_what_is_wrong_is_reversed(board):
    board.ledger.open(accounts(KNOWN))
    past = datetime.now(UTC) - timedelta(hours=1)
    post(board, entry("1"), entry("2", "b", "a", 60, "pending", until=past))
    assert counters(board)["b"] == [0, 100, 60, 0]
    assert post(board, entry("3", "b", "a", 60, "post", ref="2")) == ["ended_before"]
    assert counters(board) == {"a": [100, 0, 0, 0], "b": [0, 100, 0, 0]}
    assert (board.ledger.reverse("1"), board.ledger.reverse("1")) == ("ok", "exists")
    assert counters(board) == {"a": [100, 100, 0, 0], "b": [100, 100, 0, 0]}
    with pytest.raises(NotFoundError):
        board.ledger.reverse("nothing")
    board.ledger.close(DAY)
    assert post(board, entry("4")) == ["closed_period"]
    with pytest.raises(RefusedError):
        board.ledger.close(DAY - timedelta(1))
    assert board.check() == []


def test_steps_post_to_the_same_ledger(board):
    """A run whose entry is refused writes nothing at all."""
    board.ledger.open(accounts(KNOWN))
    board.put("x", {"entry": batch(entry("1")).drop_columns(["linked"])})
    assert post(board, entry("1"), entry("2", "b", "a", 100)) == ["exists", "ok"]
    for wrong, error in (
        (entry("3", "b", "a", 500), DataError),
        (entry("1", amount=7), ConflictError),
    ):
        with pytest.raises(error):
            board.put("y", {"entry": batch(entry("9"), wrong).drop_columns(["linked"])})
    assert counters(board) == {"a": [100, 100, 0, 0], "b": [100, 100, 0, 0]}
    assert board.check() == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE balance_page SET counters = '1' || substr(counters, 2)",
        "INSERT INTO reservation (entry_id) VALUES ('1')",
        "UPDATE account SET capped = NULL WHERE account_id = 'b'",
        "UPDATE ledger_state SET closed_to = '2020-01-01'",
        (
            "INSERT INTO entry SELECT '9', debit, credit, amount, unit, phase, event_time,"
            " agreement, ref, run_id, until, '2099-01-01 00:00:00.000000' FROM entry"
        ),
    ],
)
def test_what_is_changed_behind_its_back_is_found(tmp_path, change):
    with ld.open(tmp_path / "t.board", actor="t") as board:
        board.ledger.open(accounts(KNOWN))
        post(board, entry("1"))
        assert board.check() == []
        with board.store.books.writing() as c:
            c.execute(sa.text(change))
        assert board.check() != []


def test_many_callers_share_commits_and_each_has_its_own_answer(board):
    board.ledger.open(accounts(KNOWN))
    got = {}

    def call(k):
        got[k] = [board.ledger.post_one(entry(f"{k}-{i}", amount=i)) for i in range(6)]

    callers = [Thread(target=call, args=(k,)) for k in range(12)]
    for c in callers:
        c.start()
    for c in callers:
        c.join()
    assert all(v == ["amount_not_positive", *["ok"] * 5] for v in got.values())
    assert counters(board)["a"] == [12 * 15, 0, 0, 0]
    for wrong in ({"amount": None}, {"debit": None}):
        with pytest.raises(DataError):
            board.ledger.post_one(entry("x", **wrong))
    posts = [json.loads(a["body"]) for a in board.store.books.rows("act", action="ledger.post")]
    assert sum(p["entries"] for p in posts) == 60
    assert board.check() == []


def test_what_fails_at_the_end_is_told_and_leaves_nothing(board, monkeypatch):
    """An act that cannot be written is found out with the commit, not after the answer."""
    board.ledger.open(accounts(KNOWN))
    assert post(board, entry("1")) == ["ok"]
    before = counters(board)
    with monkeypatch.context() as m:
        m.setattr("liandong.store.acts.upcoming", lambda _: lambda: 1)  # a number that is taken
        with pytest.raises(sa.exc.IntegrityError):
            post(board, entry("2"), entry("3", phase="pending"))
    assert counters(board) == before
    assert post(board, entry("2"), entry("1")) == ["ok", "exists"]
    assert board.check() == []


def test_every_result_has_a_text():
    assert {f"posting.{r}" for r in RESULTS} <= set(catalogue())
