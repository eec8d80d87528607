"""A log in a folder: sealed, proved, held against itself, and tampered with."""

import os
from base64 import b64encode
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from liandong.errors import BoardLockedError, LiandongError, NotFoundError, RefusedError, UsageError
from liandong.govern.log import act_body
from liandong.govern.log.checkpoints import Checkpoint
from liandong.govern.log.notes import WITNESS, Signer
from liandong.govern.log.tree import leaf
from liandong.store.acts import ACT, record
from liandong.store.logcheck import log_faults
from liandong.store.tilelog import LogWriter, TileLog
from liandong.store.witness import Witness, request

SIGNER = Signer.new("bank.example/acts")
KEYS = [SIGNER.key]


def entries(first, last):
    return [f"entry {i} {'x' * (i % 50)}".encode() for i in range(first, last)]


def sealed(folder, *sizes):
    size = 0
    with LogWriter(folder) as log:
        for upto in sizes:
            log.append(entries(size, upto))
            log.seal(SIGNER)
            size = upto
    return TileLog(folder)


@pytest.mark.parametrize("sizes", [(1,), (255, 256), (256, 257, 600), (3, 3), (700,)])
def test_what_was_sealed_is_proved(tmp_path, sizes):
    log = sealed(tmp_path, *sizes)
    size = sizes[-1]
    assert log.checkpoint().size == size
    assert not log_faults(log, KEYS)
    for index in {0, size // 2, size - 1}:
        assert log.entry(index) == entries(index, index + 1)[0]
        assert log.proof(index).proves(log.entry(index), KEYS).size == size
    alone = sealed(tmp_path / "alone", size)
    assert alone.checkpoint() == log.checkpoint()
    for wrong in (-1, size):
        with pytest.raises(NotFoundError):
            log.entry(wrong)
        with pytest.raises(NotFoundError):
            log.proof(wrong)


def test_what_was_appended_is_there_after_a_crash_but_for_what_was_cut_off(tmp_path):
    sealed(tmp_path, 10)
    log = LogWriter(tmp_path)
    assert log.append(entries(10, 20)) == 10
    log.close()
    with (tmp_path / "waiting-10").open("ab") as file:
        file.write(b"\0\x30cut off")
    with LogWriter(tmp_path) as log:
        assert (len(log), log.waiting) == (20, entries(10, 20))
        log.append(entries(20, 25))
        log.seal(SIGNER)
    assert TileLog(tmp_path).checkpoint() == sealed(tmp_path / "alone", 25).checkpoint()
    assert sorted(p.name for p in tmp_path.glob("waiting-*")) == ["waiting-25"]


def test_only_one_writes_at_a_time(tmp_path):
    with LogWriter(tmp_path), pytest.raises(BoardLockedError):
        LogWriter(tmp_path)


def test_nothing_is_signed_that_does_not_go_on(tmp_path):
    sealed(tmp_path, 300)
    tile = tmp_path / "tile/1/000.p/1"
    tile.write_bytes(bytes(32))
    with LogWriter(tmp_path) as log:
        log.append(entries(300, 301))
        with pytest.raises(RefusedError, match="signed last"):
            log.seal(SIGNER)
    other = sealed(tmp_path / "other", 3)
    with LogWriter(other.folder) as log, pytest.raises(RefusedError, match="another log"):
        log.seal(Signer.new("other.example"))


def test_every_byte_counts(tmp_path):
    log = sealed(tmp_path, 258)
    held = [p for p in tmp_path.rglob("*") if p.is_file() and p.stat().st_size]
    held = [p for p in held if p.name != "writer.lock"]
    assert len(held) == 6
    for path in held:
        data = path.read_bytes()
        for place in range(0, len(data), max(1, len(data) // 60)):
            changed = bytearray(data)
            changed[place] ^= 1 << place % 8
            path.write_bytes(changed)
            assert log_faults(log, KEYS), (path, place)
        path.unlink()
        assert log_faults(log, KEYS), path
        path.write_bytes(data[:-1])
        assert log_faults(log, KEYS), path
        path.write_bytes(data)
    assert not log_faults(log, KEYS)
    assert log_faults(log, [Signer.new(SIGNER.name).key])


def test_a_witness_signs_one_history(tmp_path):
    log = sealed(tmp_path / "log", 5)
    signer = Signer.new("witness.example", WITNESS)
    witness = Witness(tmp_path / "witness", signer, KEYS)

    def ask(old, log=log):
        proof = [b64encode(h).decode() for h in log.consistency(old)]
        return witness.add(request(old, proof, log.note()))

    first = ask(0)
    assert first.status == 200
    log.cosign([first.body])
    assert log.proof(3).proves(log.entry(3), [*KEYS, signer.key], witnesses=1).size == 5
    assert ask(0) == (409, "5\n")
    assert ask(5).status == 200
    with LogWriter(log.folder) as writer:
        writer.append(entries(5, 300))
        writer.seal(SIGNER)
    assert ask(3) == (409, "5\n")
    # Another history of the same log, signed by the same key.
    forked = LogWriter(tmp_path / "forked")
    forked.append([b"other", *entries(1, 300)])
    forked.seal(SIGNER)
    forked.close()
    assert ask(5, TileLog(tmp_path / "forked")).status == 422
    assert ask(5).status == 200
    assert witness.last(SIGNER.name).size == 300
    rolled_back = sealed(tmp_path / "back", 200)
    assert witness.add(request(300, [], rolled_back.note())).status == 400
    assert ask(200, rolled_back) == (409, "300\n")
    assert witness.add(request(300, ["A" * 43 + "="], log.note())).status == 422
    assert witness.add("old x\n\nnonsense").status == 400
    unknown = sealed(tmp_path / "unknown", 2)
    assert Witness(tmp_path / "w2", signer, []).add(request(0, [], unknown.note())).status == 404
    other = Witness(tmp_path / "w3", signer, [Signer.new(SIGNER.name).key])
    assert other.add(request(0, [], unknown.note())).status == 403


@pytest.fixture
def acted(board):
    act(board, "run.failed", "R1", {"error": "Wang, Room 5"})
    act(board, "export", "F1", {"rows": 3})
    return board


def unguard(c, verb):
    """Drop what keeps the table of acts as it is, as somebody would who can."""
    if c.dialect.name == "sqlite":
        c.execute(sa.text(f"DROP TRIGGER act_no_{verb}"))
    else:
        name = "act_no_update" if verb == "update" else "act_append_only"
        c.execute(sa.text(f"DROP TRIGGER {name} ON act"))


def act(board, action, subject, body):
    with board.store.books.writing() as c:
        return record(c, board.actor, action, subject, body)


def test_acts_are_sealed_proved_and_checked(acted):
    note = acted.log.seal(SIGNER)
    assert Checkpoint.read(note.text).top.hex() == acted.log.head()
    act(acted, "export", "F2", {})
    assert acted.log.seal(SIGNER) != note
    assert not acted.log.faults(KEYS)
    assert not acted.check()
    proof, entry = acted.log.proof(2), acted.log.entry(2)
    assert proof.proves(entry, KEYS).size == 3
    assert b"F1" not in entry
    assert b'"action":"export"' in entry
    with pytest.raises(NotFoundError):
        acted.log.proof(4)


def test_what_an_act_was_about_can_be_erased_and_the_log_holds(acted):
    acted.log.seal(SIGNER)
    with pytest.raises(UsageError):
        acted.log.erase(1, " ")
    assert acted.log.erase(1, "asked for by Wang") == 3
    row = acted.store.books.rows("act")[0]
    assert (row["subject"], row["body"], row["salt"]) == ("", "{}", None)
    assert "Wang" not in str(row)
    acted.log.seal(SIGNER)
    assert not acted.check()
    assert not acted.log.faults(KEYS)
    assert acted.log.proof(1).proves(acted.log.entry(1), KEYS).size == 3
    for seq in (1, 2):  # nothing left; the board is held against it
        with pytest.raises(RefusedError):
            acted.log.erase(seq, "again")
    with pytest.raises(NotFoundError):
        acted.log.erase(9, "none")


@pytest.mark.parametrize("change", [
    "UPDATE act SET actor = 'wu' WHERE seq = 2",
    "UPDATE act SET body = '{\"rows\": 4}' WHERE seq = 2",
    "UPDATE act SET salt = '00' WHERE seq = 2",
    "UPDATE act SET content = leaf WHERE seq = 2",
])  # fmt: skip
def test_changed_books_are_found_and_not_sealed(acted, change):
    acted.log.seal(SIGNER)
    with acted.store.books.engine.begin() as c:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), c.begin_nested():
            c.execute(sa.text(change))
        unguard(c, "update")
        c.execute(sa.text(change))
    assert acted.check()
    with pytest.raises(RefusedError):
        acted.log.seal(SIGNER)


def test_books_that_were_rolled_back_are_found(acted):
    acted.log.seal(SIGNER)
    with acted.store.books.engine.begin() as c:
        unguard(c, "delete")
        c.execute(sa.text("DELETE FROM act WHERE seq = 2"))
    assert [f["en"] for f in acted.log.faults(KEYS)] == [
        "the log sealed 2 acts, the books have only 1"
    ]
    with pytest.raises(RefusedError, match="rolled back"):
        acted.log.seal(SIGNER)
    act(acted, "export", "F9", {})
    assert "not the one sealed" in acted.log.faults(KEYS)[0]["en"]
    with pytest.raises(LiandongError, match="not those of the log"):
        acted.log.seal(SIGNER)


def test_acts_of_the_time_before_commitments_hold(acted):
    at = datetime(2026, 1, 2, tzinfo=UTC)
    old = leaf(act_body(3, at, "li", "export", "F3", {"rows": 1})).hex()
    with acted.store.books.engine.begin() as c:
        c.execute(ACT.insert(), {
            "seq": 3, "at": at, "actor": "li", "action": "export", "subject": "F3",
            "body": '{"rows": 1}', "leaf": old,
        })  # fmt: skip
    acted.log.seal(SIGNER)
    assert not acted.check()
    assert not acted.log.faults(KEYS)
    assert b"F3" in acted.log.entry(3)


def test_a_crash_before_the_checkpoint_leaves_the_log_as_it_was(tmp_path, monkeypatch):
    log = sealed(tmp_path, 250)
    before = log.note()
    rename = os.rename
    for fails in range(20):
        calls = iter(range(100))

        def broken(*names, calls=calls, fails=fails):
            if next(calls) == fails:
                raise OSError(5, "crash")
            rename(*names)

        monkeypatch.setattr(os, "rename", broken)
        with LogWriter(tmp_path) as writer:
            if not writer.waiting:
                writer.append(entries(250, 520))
            try:
                writer.seal(SIGNER)
            except OSError:
                assert log.note() == before
                assert not log_faults(log, KEYS)
            else:
                break
    monkeypatch.undo()
    assert log.checkpoint() == sealed(tmp_path / "alone", 520).checkpoint()
    assert fails > 3
