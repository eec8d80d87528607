"""What two boards have in common: the way there, what is refused, and what is logged."""

import json
import stat
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liandong as ld
from liandong.errors import DataError, RefusedError
from liandong.govern.sharing import common, points
from liandong.govern.sharing.common import Key, Message, answer, members, request, result, set_up
from liandong.schema.arrow import build
from liandong.store.common import admit
from liandong.types import credit_code_digit
from support.command import call
from support.released import loans

DAY, LAST = date(2026, 3, 31), date(2099, 12, 31)
KEY = Key.new("credit", LAST, 1_000)


def code(number):
    body = f"91310000{number:09}"
    return body + credit_code_digit(body)


def firms(numbers):
    n = len(numbers)
    return build("party", {
        "party_id": [f"P{i}" for i in numbers], "kind": ["firm"] * n,
        "credit_code": [code(i) for i in numbers],
    })  # fmt: skip


def consents(numbers, dataset="party", until=None):
    n = len(numbers)
    return build("consent", {
        "consent_id": [f"{dataset}-{i}-{until}" for i in numbers],
        "party_id": [f"P{i}" for i in numbers], "dataset": [dataset] * n,
        "purpose": ["credit"] * n, "until": [until] * n,
    })  # fmt: skip


def through(mine, theirs, key=KEY):
    """Go the whole way, through files."""
    setup = Message.read(set_up(theirs, key, "party").write(), "setup")
    sent, kept = request(mine, setup, DAY)
    back = answer(Message.read(sent.write(), "request"), Key.read(key.write()), DAY)
    return result(setup, Message.read(back.write(), "answer"), Message.read(kept.write(), "kept"))


@settings(max_examples=20, deadline=None)
@given(st.sets(st.integers(0, 60), min_size=1), st.sets(st.integers(0, 60), min_size=1))
def test_what_is_found_is_what_is_in_both(mine, theirs):
    mine, theirs = [code(i) for i in mine], [code(i) for i in theirs]
    assert through(mine, theirs) == sorted({*mine} & {*theirs})


def test_messages_hold_nothing_of_the_ids_and_never_the_same_points():
    ids = [code(i) for i in range(30)]
    setup = set_up(ids, KEY, "party")
    tags = setup.rows["tag"].to_numpy()
    assert (np.diff(tags.astype(object)) > 0).all()  # in order: not that of the ids
    (one, kept), (two, _) = request(ids, setup, DAY), request(ids, setup, DAY)
    assert not set(one.points) & set(two.points)
    assert sorted(kept.rows["id"].to_pylist()) == ids != kept.rows["id"].to_pylist()
    for message in (setup, one, two, answer(one, KEY, DAY)):
        data = message.write()
        assert not any(i.encode() in data for i in ids)
        assert KEY.secret.encode() not in data
        assert kept.secret.encode() not in data
    assert not message.secret
    # The set-up stays good for other requests; another key has other tags.
    assert set_up(ids, KEY, "party").rows.equals(setup.rows)
    other = set_up(ids, Key.new("credit", LAST, 1), "party").rows
    assert not set(other["tag"].to_pylist()) & set(tags.tolist())


def test_a_set_up_is_smaller_than_its_tags():
    setup = set_up([str(i) for i in range(5_000)], KEY, "party")
    assert len(setup) == 5_000
    assert len(setup.write()) < 8 * 5_000


def test_only_parties_with_codes_and_consents_enter():
    party = pa.concat_tables([firms(range(5)), firms([9]).set_column(
        4, "credit_code", pa.nulls(1, pa.string()))])  # fmt: skip
    rows = loans(("P0", 1), ("P1", 1), ("P1", 2), ("P2", 1), ("P9", 1))
    assert members(party, rows, None, "loan", "credit", DAY) == sorted(map(code, (0, 1, 2)))
    given_ = pa.concat_tables([
        consents([0], "loan"), consents([1], "loan", DAY - timedelta(1)),
        consents([2, 3], "*", DAY), consents([1], "event"),
    ])  # fmt: skip
    assert members(party, rows, given_, "loan", "credit", DAY) == [code(0), code(2)]
    assert members(party, rows, given_, "loan", "statistics", DAY) == []


def test_what_does_not_belong_together_is_refused():
    ids = [code(i) for i in range(4)]
    setup = set_up(ids, KEY, "party")
    (sent, kept), (_, kept_too) = request(ids, setup, DAY), request(ids, setup, DAY)
    back = answer(sent, KEY, DAY)
    over = LAST + timedelta(1)
    for wrong in (
        lambda: request(ids, setup, over),
        lambda: answer(sent, KEY, over),
        lambda: answer(sent, Key.new("credit", LAST, 1), DAY),
        lambda: answer(replace(sent, purpose="sales"), KEY, DAY),
        lambda: answer(replace(sent, until=over), KEY, DAY),
        lambda: result(setup, back, kept_too),
        lambda: result(replace(setup, dataset="loan"), back, kept),
        lambda: result(setup, replace(back, rows=back.rows.slice(1)), kept),
        lambda: result(setup, back, replace(kept, secret="ff" * 32)),
    ):
        with pytest.raises(DataError):
            wrong()
    small = replace(sent, rows=common._table(b"".join(sent.points[:3]) + bytes(points.SIZE)))
    with pytest.raises(DataError, match="point 4 has a small order"):
        answer(small, KEY, DAY)


def test_files_that_are_something_else_are_refused():
    ids = [code(i) for i in range(4)]
    setup = set_up(ids, KEY, "party")
    sent, kept = request(ids, setup, DAY)
    whole = setup.write()
    columns = pa.array([1], pa.int64()), pa.array([None], pa.uint64())
    odd = [replace(setup, rows=pa.table({"tag": c})).write() for c in columns]
    for data in (b"", b"PAR1", whole[:-9], sent.write(), *odd):
        with pytest.raises(DataError):
            Message.read(data, "setup")
    for number in ("", "zz", "ff" * 32, "00" * 32):
        with pytest.raises(DataError):
            Message.read(replace(kept, secret=number).write(), "kept")
    for text in (
        "",
        "{}",
        "[]",
        KEY.write().replace("2099-", "x"),
        KEY.write().replace(KEY.secret, "z"),
    ):
        with pytest.raises(DataError):
            Key.read(text)


def test_a_key_answers_for_so_many_ids_in_all(board):
    said = {"count": 60}
    admit(board.store.books, "ann", "common.answer", "k", said, 120)
    admit(board.store.books, "ann", "common.answer", "other", said, 60)
    admit(board.store.books, "ann", "common.answer", "k", said, 120)
    with pytest.raises(RefusedError, match="120 ids in all"):
        admit(board.store.books, "ann", "common.answer", "k", {"count": 1}, 120)
    assert len(board.table("act").rows(action="common.answer")) == 3
    board.powers.add([{"power_id": "1", "holder": "bob", "action": "common.answer"}])
    with pytest.raises(RefusedError):
        admit(board.store.books, "ann", "common.answer", "new", said)
    admit(board.store.books, "bob", "common.answer", "new", said)
    assert board.check() == []


@pytest.fixture
def two(tmp_path):
    """A board of a bank and one of a tax office, of which a firm does not consent."""
    for name, numbers in (("bank", range(6)), ("tax", range(3, 12))):
        with ld.open(tmp_path / f"{name}.board", actor="t") as board:
            agree = [i for i in numbers if i != 4]
            board.put("x", {"party": firms(numbers), "consent": consents(agree)})
    return tmp_path


def test_the_commands_go_the_whole_way(two):
    def run(name, *words, lang="en"):
        return call(
            "-b", f"{name}.board", "--actor", "ann", "--lang", lang, "common", *words, cwd=two
        )

    made, out, _ = run(
        "tax", "key", "--purpose", "credit", "--until", "2099-12-31", "--most", 9, "-o", "k"
    )
    key = Key.read((two / "k").read_text())
    assert (made, out.strip(), key.most) == (0, key.id, 9)
    assert stat.S_IMODE((two / "k").stat().st_mode) == 0o600
    assert run("tax", "key", "--purpose", "x", "--until", "2099-12-31", "-o", "k")[0] == 2
    told = json.loads(run("tax", "setup", "--key-file", "k", "-o", "s", "--json")[1])
    assert (told["count"], told["key"]) == (8, key.id)
    assert "5 ids" in run("bank", "request", "s", "--keep", "kept", "-o", "r")[1]
    assert stat.S_IMODE((two / "kept").stat().st_mode) == 0o600
    assert "5 个编号" in run("tax", "answer", "r", "--key-file", "k", "-o", "a", lang="zh")[1]
    answered = ("result", "a", "--setup", "s", "--keep", "kept")
    assert json.loads(run("bank", *answered, "--json")[1]) == {
        "asked": 5, "common": sorted([code(3), code(5)]),
    }  # fmt: skip
    code_, out, err = run("bank", *answered)
    assert (code_, out.split()) == (0, sorted([code(3), code(5)]))
    assert "2 of 5 in common" in err
    assert run("bank", *answered, "-o", "found")[0] == 0
    assert (two / "found").read_text().split() == sorted([code(3), code(5)])
    # Without consent by a law: all, and the key has answered for too many.
    assert "6 ids" in run("bank", "request", "s", "--keep", "more", "-o", "r2", "--law", "§ 1")[1]
    code_, _, err = run("tax", "answer", "r2", "--key-file", "k", "-o", "a2")
    assert code_ == 5
    assert "9 ids in all" in err
    assert not (two / "a2").exists()
    for name, kinds in (("tax", ["setup", "answer"]), ("bank", ["request", "request"])):
        with ld.open(two / f"{name}.board", actor="t") as board:
            acts = [a for a in board.table("act").rows() if a["action"].startswith("common.")]
            assert [(a["action"], a["actor"], a["subject"]) for a in acts] == [
                (f"common.{k}", "ann", key.id) for k in kinds
            ]
            said = json.loads(acts[-1]["body"])
            assert (said["purpose"], said["until"]) == ("credit", "2099-12-31")
            assert board.check() == []
    assert said["law"] == "§ 1"


@pytest.mark.parametrize(("words", "said"), [
    (["key", "--until", "2099-12-31", "-o", "x"], "--purpose is missing"),
    (["key", "--purpose", "p", "-o", "x"], "--until is missing"),
    (["key", "--purpose", "p", "--until", "soon", "-o", "x"], "soon"),
    (["key", "--purpose", "p", "--until", "2099-12-31"], "--out is missing"),
    (["key", "--purpose", "p", "--until", "2099-12-31", "-o", "no/x"], "no/x"),
    (["setup", "-o", "x"], "--key-file is missing"),
    (["setup", "--key-file", "none", "-o", "x"], "No such file"),
    (["setup", "--key-file", "tax.board/books.sqlite", "-o", "x"], "no key"),
    (["setup", "--key-file", "key", "-o", "x", "--dataset", "flow"], "flow is no data set"),
    (["setup", "--key-file", "key", "-o", "x", "--dataset", "loan"], "no firm may enter"),
    (["request", "-o", "x"], "setup is missing"),
    (["request", "key", "-o", "x"], "no whole setup"),
    (["request", "set", "-o", "x"], "nowhere to keep"),
    (["answer", "set", "--key-file", "key", "-o", "x"], "no whole request"),
    (["result", "set", "--setup", "set", "--keep", "set"], "no whole answer"),
])  # fmt: skip
def test_what_is_wrong_is_said(two, words, said):
    (two / "key").write_text(KEY.write())
    (two / "set").write_bytes(set_up(["a"], KEY, "party").write())
    code_, _, err = call("-b", "tax.board", "common", *words, cwd=two)
    assert code_ in {2, 4}
    assert said in err
    assert not (two / "x").exists()
