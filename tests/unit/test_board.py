"""The board: put, run, see, explain, decide, check."""

import contextlib
import datetime as dt
import shutil
from copy import copy

import pyarrow as pa
import pytest
import sqlalchemy as sa

import liandong as ld
from liandong import errors
from liandong.schema.arrow import build
from liandong.step import Rule, each, fold, output
from liandong.store.audit import audit
from liandong.store.books import Books

DAY = dt.date(2020, 1, 31)


class Factor(Rule):
    factor: int = 1


@each(name="assess.scaled", reads=("signal",), writes=("feature",), split=("signal",),
      by="party_id", rule=Factor, part=("factor",))  # fmt: skip
def scaled(tables, rule):
    """Multiply signals."""
    s = tables["signal"]
    return output(
        "feature", party_id=s["party_id"], as_of=pa.array([DAY] * len(s), pa.date32()),
        measure=[f"{m}{rule.factor}" for m in s["measure"].to_pylist()],
        value=[v * rule.factor for v in s["value"].to_pylist()],
    )  # fmt: skip


@fold(name="settle.entered", reads=("feature",), writes=("account",), approval=("feature",))
def entered(tables, _rule):
    """Open an account for each party with a feature."""
    parties = sorted(set(tables["feature"]["party_id"].to_pylist()))
    n = len(parties)
    return output("account", account_id=parties, owner_id=parties, unit=["CNY"] * n,
                  code=["loans"] * n)  # fmt: skip


@fold(name="settle.failing", reads=("signal",), writes=("feature",))
def failing(_tables, _rule):
    """Fail."""
    raise ZeroDivisionError("on purpose")


def signals(**values: float) -> pa.Table:
    n = len(values)
    return build("signal", {"party_id": list(values), "source": ["tax"] * n, "measure": ["m"] * n,
                            "period": ["2020"] * n, "value": list(values.values())})  # fmt: skip


def feature(*parties: str) -> pa.Table:
    n = len(parties)
    return build("feature", {"party_id": list(parties), "as_of": [DAY] * n, "measure": ["m"] * n,
                             "value": [1.0] * n})  # fmt: skip


def test_a_run_writes_its_tables_and_is_recorded(board):
    made = board.put("hand", {"signal": signals(x=1.0, y=2.0)})
    run = board.run(scaled, factor=3)
    assert run.counts == {"feature": 2}
    assert run.inputs == {"signal": [made.outputs["signal"]]}
    assert board.table("feature").rows(party_id="y")[0]["value"] == 6.0
    assert [r.step for r in board.runs()] == ["load.put", "assess.scaled"]
    rule = board.table("rule").rows(rule_id=run.rule_id)[0]
    assert Factor.from_toml(rule["toml"]) == Factor(factor=3)


def test_the_same_work_is_not_done_twice_but_new_input_is(board):
    board.put("hand", {"signal": signals(x=1.0)})
    first = board.run(scaled)
    again = board.run(scaled)
    assert again.again
    assert again.run_id == first.run_id
    board.put("hand", {"signal": signals(x=5.0)})
    third = board.run(scaled)
    assert not third.again
    assert board.table("feature").rows() == [
        {"party_id": "x", "as_of": DAY, "measure": "m1", "value": 5.0, "withheld": None}
    ]


def test_going_back_to_earlier_input_shows_the_earlier_result(board):
    for value in (1.0, 5.0, 1.0):
        board.put("hand", {"signal": signals(x=value)})
        board.run(scaled)
    assert board.table("feature").rows()[0]["value"] == 1.0
    assert board.check() == []


def test_parts_of_other_rules_stand_side_by_side(board):
    board.put("hand", {"signal": signals(x=1.0)})
    board.run(scaled, factor=2)
    board.run(scaled, factor=3)
    assert {r["measure"] for r in board.table("feature").rows()} == {"m2", "m3"}


def test_a_dry_run_writes_nothing(board):
    board.put("hand", {"signal": signals(x=1.0)})
    before = len(board.runs())
    run = board.run(scaled, dry_run=True)
    assert (run.status, run.counts) == ("dry", {"feature": 1})
    assert len(board.table("feature")) == 0
    assert len(board.runs()) == before


def test_why_names_the_run_and_what_it_read(board):
    board.put("hand", {"signal": signals(x=1.0)})
    run = board.run(scaled)
    why = board.table("feature").why(party="x")
    assert why.run.run_id == run.run_id
    assert [r.step for r in why.inputs["signal"]] == ["load.put"]
    with pytest.raises(errors.NotFoundError, match="'nobody'"):
        board.table("feature").why(party="nobody")
    with pytest.raises(errors.UsageError, match="no field colour"):
        board.table("feature").why(colour="red")


def test_why_of_a_book_row_names_its_own_run(board):
    board.put("hand", {"feature": feature("x")})
    board.acting("second").approve(board.propose(entered))
    first = board.run(entered)
    board.put("hand", {"feature": feature("x", "y")})
    board.acting("second").approve(board.propose(entered))
    second = board.run(entered)
    assert board.table("account").why(account="x").run.run_id == first.run_id
    assert board.table("account").why(account="y").run.run_id == second.run_id


def test_a_failed_run_changes_nothing_and_says_so(board):
    board.put("hand", {"signal": signals(x=1.0)})
    with pytest.raises(ZeroDivisionError):
        board.run(failing)
    run = board.runs()[-1]
    assert (run.status, run.error) == ("failed", "ZeroDivisionError: on purpose")
    assert len(board.table("feature")) == 0
    assert board.table("act").rows()[-1]["action"] == "run.failed"


def test_four_eyes_bind_an_approval_to_what_was_seen(board):
    board.put("hand", {"signal": signals(x=1.0)})
    board.run(scaled)
    with pytest.raises(errors.RefusedError, match="approved"):
        board.run(entered)
    case = board.propose(entered)
    with pytest.raises(errors.RefusedError):
        board.approve(case)
    board.acting("second").approve(case)
    assert board.run(entered).counts == {"account": 1}
    board.put("hand", {"signal": signals(x=1.0, y=2.0)})
    board.run(scaled)
    with pytest.raises(errors.RefusedError, match="approved"):
        board.run(entered)
    assert [a["action"] for a in board.table("act").rows() if a["subject"] == case] == [
        "case.propose", "case.approved",
    ]  # fmt: skip


def test_a_rejected_case_stays_rejected(board):
    board.put("hand", {"feature": feature("x")})
    case = board.propose(entered)
    board.acting("second").decide(case, approve=False)
    with pytest.raises(errors.RefusedError):
        board.acting("third").approve(case)
    with pytest.raises(errors.RefusedError, match="rejected"):
        board.propose(entered)
    with pytest.raises(errors.RefusedError):
        board.run(entered)


def test_only_the_maker_takes_a_case_back_and_only_while_it_waits(board):
    board.put("hand", {"feature": feature("x")})
    second = board.acting("second")
    case = board.propose(entered)
    with pytest.raises(errors.RefusedError, match="only whoever made"):
        second.withdraw(case)
    board.withdraw(case)
    for act in (board.withdraw, second.approve):
        with pytest.raises(errors.RefusedError, match="withdrawn"):
            act(case)
    with pytest.raises(errors.RefusedError, match="approved"):
        board.run(entered)
    assert board.check() == []
    assert board.propose(entered) == case  # a change of mind
    second.approve(case)
    with pytest.raises(errors.RefusedError, match="closed already"):
        board.withdraw(case)
    assert board.run(entered).counts == {"account": 1}
    assert [a["action"] for a in board.table("act").rows(subject=case)] == [
        "case.propose", "case.withdrawn", "case.propose", "case.approved",
    ]  # fmt: skip
    assert board.check() == []


def test_acts_and_entries_cannot_be_changed_even_by_sql(board):
    board.put("hand", {"signal": signals(x=1.0)})
    for statement in ("UPDATE act SET actor = 'else'", "DELETE FROM act"):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"):  # noqa: SIM117
            with board.store.books.writing() as c:
                c.execute(sa.text(statement))
    assert board.check() == []


def test_check_finds_a_changed_file(board):
    board.put("hand", {"signal": signals(x=1.0)})
    file = next(board.store.lake.root.rglob("*.parquet"))
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.write_bytes(bytes(body))
    assert len(board.check()) == 1
    assert "signal" in board.check()[0]


def test_check_finds_what_was_changed_behind_the_logs_back(board):
    board.put("hand", {"feature": feature("x")})
    board.acting("second").approve(board.propose(entered))
    board.run(entered)
    assert board.check() == []
    changes = (
        ("UPDATE snapshot SET sha256 = '00'", "was changed"),
        ("DELETE FROM head", "current version"),
        ("UPDATE rule SET toml = 'x = 1'", "text of rule"),
        ("UPDATE \"case\" SET checker = 'ghost'", "state of case"),
        ("UPDATE account SET owner_id = 'ghost'", "wrote into account"),
        ("DELETE FROM account", "wrote into account"),
    )
    for statement, says in changes:
        with board.store.books.engine.connect() as c:
            transaction = c.begin()
            c.execute(sa.text(statement))
            # The audit reads what this transaction sees, and the change is undone afterwards.
            seen = Books(_One(c))
            other = copy(board.store)
            other.books = seen
            found = [f["en"] for f in audit(other)]
            transaction.rollback()
        assert found, statement
        assert all(says in f for f in found), (statement, found)
    assert board.check() == []


class _One:
    """An engine of one connection that is in a transaction already."""

    def __init__(self, connection):
        self.connection = connection

    def begin(self):
        return contextlib.nullcontext(self.connection)


def test_a_lost_snapshot_is_an_error_and_not_an_empty_table(board):
    board.put("hand", {"signal": signals(x=1.0)})
    folder = next(board.store.lake.root.rglob("*.parquet")).parent
    shutil.rmtree(folder)
    for read in (lambda: board.table("signal").arrow(), lambda: board.sql("SELECT * FROM signal"),
                 lambda: board.run(scaled)):  # fmt: skip
        with pytest.raises(errors.BoardError, match="lost the snapshot"):
            read()
    assert len(board.check()) == 1
    board.put("hand", {"signal": signals(x=1.0)})  # the same again mends it
    assert board.check() == []
    assert len(board.table("signal").arrow()) == 1


def test_a_damaged_snapshot_is_replaced_by_the_same_work(board):
    board.put("hand", {"signal": signals(x=1.0)})
    file = next(board.store.lake.root.rglob("*.parquet"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    assert board.check()
    board.put("hand", {"signal": signals(x=1.0)})
    assert file.read_bytes() == whole
    assert board.check() == []


def test_check_survives_an_act_that_cannot_be_read(tmp_path):
    with ld.open(tmp_path / "t.board", actor="tester") as board:
        board.put("hand", {"signal": signals(x=1.0)})
        with board.store.books.writing() as c:
            c.execute(sa.text("DROP TRIGGER act_no_update"))
            c.execute(sa.text("UPDATE act SET body = 'nonsense' WHERE seq = 1"))
        assert board.check() == ["act 1: its text does not match its leaf hash"]


def test_readers_do_not_stand_in_the_way_of_writers(board, location, tmp_path):
    with board.store.writer("tester"):
        for _ in range(3):
            with ld.open(location, actor="reader", lake=tmp_path / "lake") as reader:
                assert reader.runs() == []


def test_passwords_are_never_shown():
    with pytest.raises(errors.BoardError) as caught:
        ld.open("postgresql://u:secretpw@127.0.0.1:9/none", lake="unused")
    assert "secretpw" not in caught.value.text("en") + caught.value.text("zh")


def test_rows_are_chosen_by_values_as_people_write_them(board):
    board.put("hand", {"signal": signals(x=1.0)})
    assert board.table("signal").rows(value="1.0")
    with pytest.raises(errors.UsageError, match="not a value"):
        board.table("signal").rows(value="abc")
    assert not board.table("score").rows(as_of="2020-02-28")
    for wrong in ({"as_of": "abc"}, {"reasons": "1"}):
        with pytest.raises(errors.UsageError, match="not a value"):
            board.table("score").rows(**wrong)


def test_what_needs_no_approval_cannot_be_proposed(board):
    with pytest.raises(errors.UsageError, match="needs no approval"):
        board.propose(scaled)


def test_sql_sees_tables_with_values_and_nothing_else(board):
    board.put("hand", {"signal": signals(x=1.0, y=2.0)})
    found = board.sql("SELECT party_id FROM signal WHERE value > ?", [1.5])
    assert found["party_id"].to_pylist() == ["y"]
    assert board.sql("SELECT count(*) AS n FROM act").to_pylist() == [{"n": 2}]
    for query in ("SELECT * FROM read_csv('/etc/passwd')", "SELEC 1", "SELECT * FROM nothing",
                  "COPY (SELECT 1) TO '/tmp/x'", "SET threads=1"):  # fmt: skip
        with pytest.raises(errors.UsageError):
            board.sql(query)


def test_rows_put_by_hand_must_be_valid(board):
    bad = signals(x=1.0).set_column(1, "source", pa.array(["gossip"]))
    with pytest.raises(errors.DataError, match="gossip"):
        board.put("hand", {"signal": bad})
    assert board.runs() == []


def test_steps_may_not_read_planted_truth():
    with pytest.raises(errors.UsageError, match="tests only"):
        fold(name="trace.peek", reads=("truth",), writes=("feature",))(lambda t, _: t)


def test_a_second_writer_is_told_who_is_writing(board, location, tmp_path):
    other = ld.open(location, actor="other", lake=tmp_path / "lake")
    with board.store.writer("tester"), pytest.raises(errors.BoardLockedError, match="pid"):
        other.put("hand", {"signal": signals(x=1.0)})
    other.put("hand", {"signal": signals(x=1.0)})
    other.close()


def test_reading_works_while_somebody_writes(board, location, tmp_path):
    board.put("hand", {"signal": signals(x=1.0)})
    with board.store.writer("tester"):
        reader = ld.open(location, actor="reader", lake=tmp_path / "lake")
        assert len(reader.table("signal")) == 1
        reader.close()


def test_a_board_of_a_newer_version_is_refused(board, location, tmp_path):
    with board.store.books.writing() as c:
        c.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(errors.BoardVersionError, match="9999") as caught:
        ld.open(location, lake=tmp_path / "lake")
    assert "升级" in caught.value.text("zh")


def test_opening_without_making(tmp_path):
    with pytest.raises(errors.NotFoundError, match="init"):
        ld.open(tmp_path / "none.board", create=False)
    (tmp_path / "full.board").mkdir()
    (tmp_path / "full.board" / "letter.txt").write_text("mine")
    with pytest.raises(errors.BoardError, match="something else"):
        ld.open(tmp_path / "full.board")


def test_books_refuse_other_content_under_the_same_key(board):
    row = {"account_id": "a", "owner_id": "o", "unit": "CNY", "code": "loans"}
    with board.store.books.writing() as c:
        assert board.store.books.append(c, "account", [row]) == [row]
        assert board.store.books.append(c, "account", [row]) == []
        with pytest.raises(errors.ConflictError, match="owner_id"):
            board.store.books.append(c, "account", [{**row, "owner_id": "p"}])
