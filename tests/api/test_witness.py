"""Witnesses over HTTP by the rules of C2SP tlog-witness 1.0, on both sides."""

import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import ExitStack
from threading import Thread

import httpx
import pytest
from fastapi import FastAPI, Response

from liandong.delivery.cosigning import ask
from liandong.errors import UsageError
from liandong.govern.log.checkpoints import Checkpoint, need_witnesses
from liandong.govern.log.notes import WITNESS, Note, Signer
from liandong.govern.log.tree import consistency, head, leaf, over
from liandong.service.serve import beside
from liandong.service.witness import create_witness
from liandong.store.logcheck import log_faults
from liandong.store.tilelog import LogWriter, TileLog
from liandong.store.witness import Witness, request
from support.command import call
from support.servers import free_port

LOG = Signer.new("bank.example/acts")
ENTRIES = [f"entry {i}".encode() for i in range(300)]
LEAVES = [leaf(e) for e in ENTRIES]


def note_of(size, leaves=LEAVES, signer=LOG):
    text = str(Checkpoint(signer.name, size, head(size, over(leaves[:size]))))
    return Note(text, (signer.sign(text),))


def proof_of(old, size, leaves=LEAVES):
    return [b64encode(h).decode() for h in consistency(old, size, over(leaves[:size]))]


def grown(folder, size):
    with LogWriter(folder) as log:
        log.append(ENTRIES[len(log) : size])
        log.seal(LOG)
    return TileLog(folder)


@pytest.fixture
def witnesses(tmp_path):
    """Start witnesses that know the log; returns a function giving address and key of another."""
    with ExitStack() as held:

        def start(name, logs=(LOG.key,)):
            signer, port = Signer.new(name, WITNESS), free_port()
            app = create_witness(Witness(tmp_path / name, signer, logs))
            held.enter_context(beside(app, port))
            return f"http://127.0.0.1:{port}", signer.key

        yield start


def test_the_rules_of_the_specification(witnesses):
    url, key = witnesses("w1")

    def add(old, proof, note):
        body = request(old, proof, note).encode() if isinstance(note, Note) else note
        return httpx.post(f"{url}/add-checkpoint", content=body)

    other = [leaf(b"other"), *LEAVES[1:]]
    stranger = Signer.new("stranger.example")
    many = [b64encode(bytes(32)).decode()] * 64
    first = add(0, [], note_of(5))
    assert first.status_code == 200
    assert first.text.startswith("\u2014 w1 ")
    signed = Note.read(f"{note_of(5).text}\n{first.text}")
    assert signed.signed_by([key]) == [key]
    for status, *asked in (
        (404, 0, [], note_of(5, signer=stranger)),
        (403, 5, proof_of(5, 9), note_of(9, signer=Signer.new(LOG.name))),
        (400, 10, [], note_of(9)),
        (409, 0, [], note_of(9)),
        (409, 4, proof_of(4, 9), note_of(9)),
        (409, 5, [], note_of(5, other)),  # the same size and another head
        (422, 5, proof_of(4, 9), note_of(9)),
        (422, 5, [], note_of(9)),
        (422, 5, proof_of(5, 9, other), note_of(9, other)),
        (422, 5, proof_of(5, 9)[:1], note_of(9)),
        (400, 5, many, note_of(9)),
        (400, 0, [], b"old 5\nnonsense\n\n" + str(note_of(9)).encode()),
        (400, 0, [], str(note_of(9)).encode()),
        (400, 0, [], request(5, proof_of(5, 9), note_of(9)).replace("old 5", "old 05").encode()),
        (400, 0, [], b"\xff\xfe"),
        (413, 0, [], b"x" * 1_000_001),
    ):
        answer = add(*asked)
        assert answer.status_code == status, (asked, answer.text)
        if status == 409:
            assert (answer.text, answer.headers["content-type"]) == ("5\n", "text/x.tlog.size")
    assert add(5, [], note_of(5)).status_code == 200  # the same once more
    two = note_of(9).with_lines([stranger.sign(note_of(9).text)])
    assert add(5, proof_of(5, 9), two).status_code == 200  # signatures of others are passed over
    assert add(5, proof_of(5, 9), note_of(9)).text == "9\n"
    assert httpx.get(f"{url}/add-checkpoint").status_code == 405


def test_those_who_ask_at_once_get_one_history(witnesses):
    url, _ = witnesses("w1")
    other = [leaf(b"other"), *LEAVES[1:]]
    told = []

    def race(note):
        told.append(httpx.post(f"{url}/add-checkpoint", content=request(0, [], note)).status_code)

    notes = [note_of(5 + i // 2, (LEAVES, other)[i % 2]) for i in range(8)]
    threads = [Thread(target=race, args=(n,)) for n in notes]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(told) == [200] + [409] * 7


def test_a_log_asks_witnesses_and_keeps_what_they_sign(witnesses, tmp_path):
    (one, first), (two, second), (three, third) = (witnesses(f"w{i}") for i in (1, 2, 3))
    nobody, unknowing = f"http://127.0.0.1:{free_port()}", witnesses("w4", ())[0]
    log = grown(tmp_path / "log", 40)
    keys = [LOG.key, first, second]
    found = ask(log, [one, two, three, nobody, unknowing], keys)
    assert [len(a.lines) for a in found] == [1, 1, 0, 0, 0]
    assert "trusted" in found[2].why
    assert "refused" in found[3].why
    assert found[4].why.startswith("404")
    assert log.note().signed_by([*keys, third]) == keys
    assert not log_faults(log, keys, witnesses=2)
    assert "3 are needed" in log_faults(log, [*keys, third], witnesses=3)[0]["en"]
    proof = log.proof(7)
    assert proof.proves(ENTRIES[7], keys, witnesses=2).size == 40
    # They have seen 40 entries: of a longer log they are told so, and shown that it goes on.
    longer = grown(tmp_path / "log", 300)
    assert [a.why for a in ask(longer, [one, two], keys)] == ["", ""]
    assert longer.proof(299).proves(ENTRIES[299], keys, witnesses=2).size == 300
    # A log that was rolled back, and one that has another history, get no signature.
    back = grown(tmp_path / "back", 200)
    assert [a.why for a in ask(back, [one], keys)] == ["409 300"]
    with pytest.raises(UsageError, match="0 trusted"):
        need_witnesses(back.note().signed_by(keys), 1)
    with LogWriter(tmp_path / "fork") as fork:
        fork.append([b"other", *ENTRIES[1:], b"more"])
        fork.seal(LOG)
    assert ask(TileLog(tmp_path / "fork"), [one], keys)[0].why.startswith("422")


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (409, "20\n", "409 20"),  # for ever
        (409, "41\n", "409 41"),
        (409, "x\n", "409 x"),
        (200, "", "no signed note"),
        (200, "thanks\n", "no signed note"),
        (200, "\u2014 w1 AAAAAAAA\n", "no key of it is trusted"),
        (302, "", "302"),
        (500, "x" * 100_000, "500"),
    ],
)
def test_a_witness_that_lies_signs_nothing(tmp_path, status, body, why):
    app, asked = FastAPI(), []

    @app.post("/w/add-checkpoint")
    def answer() -> Response:
        asked.append(1)
        return Response(body, status, headers={"location": "http://127.0.0.1:1/"})

    log, port = grown(tmp_path / "log", 40), free_port()
    before = str(log.note())
    with beside(app, port):
        url = f"http://127.0.0.1:{port}/w/"
        (found,) = ask(log, [url], [Signer.new("w1", WITNESS).key])
    assert found.lines == ()
    assert why in found.why
    assert len(asked) <= 2
    assert str(log.note()) == before
    with pytest.raises(UsageError, match="no address"):
        ask(log, ["ftp://w"], [])


def test_signatures_of_a_checkpoint_that_is_no_more_are_left_out(tmp_path):
    log = grown(tmp_path / "log", 40)
    old = log.note()
    grown(tmp_path / "log", 41)
    line = Signer.new("w1", WITNESS).sign(old.text)
    assert line not in str(log.cosign([line], old.text))


def test_the_command_line_serves_a_witness_and_asks_it(tmp_path, monkeypatch):
    def run(*words, code=0):
        done = call("-b", str(tmp_path / "b.board"), *words, cwd=tmp_path)
        assert done[0] == code, done
        return done[1] + done[2]

    run("init")
    log = run("log", "key", "bank.example/acts", "--out", "log.key").strip()
    seen = run("log", "key", "w.example", "--witness", "--out", "w.key").strip()
    monkeypatch.setenv("LIANDONG_LOG_KEY", str(tmp_path / "log.key"))
    port = str(free_port())
    words = ["witness", "--folder", "seen", "--key-file", "w.key", "--key", log, "--port", port]
    command = [sys.executable, "-m", "liandong.cli", "log", *words]
    at = ("--at", f"http://127.0.0.1:{port}", "--key", seen)
    assert "0 trusted" in run("log", "seal", *at, "--witnesses", "1", code=2)
    with subprocess.Popen(command, cwd=tmp_path, env=os.environ, stdout=subprocess.PIPE) as server:
        try:
            assert f":{port}/add-checkpoint" in server.stdout.readline().decode()
            _answering(int(port))
            assert "w.example" in run("log", "cosign", *at, "--witnesses", "1")
        finally:
            server.terminate()
    assert "hold" in run("check", "log", "--key", log, "--key", seen, "--witnesses", "1")
    assert "2 are needed" in run("check", "log", "--key", log, "--witnesses", "2", code=11)


def _answering(port):
    for _ in range(500):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
