"""Warnings that go out: signed, in order, again and again until they are taken."""

import json
import socketserver
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise

import pytest

from liandong.delivery.addresses import sink_at
from liandong.delivery.files import FileSource
from liandong.delivery.live import Live
from liandong.delivery.messages import of_warning
from liandong.delivery.outbox import LONGEST_WAIT, Channel, Outbox
from liandong.delivery.wanted import Wanted
from liandong.delivery.webhook import Webhook, signature
from liandong.errors import UsageError
from support.happened import RULE, happened, write

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Box:
    """A sink that is down for as long as it is told to be."""

    name = "box"

    def __init__(self):
        self.got, self.down, self.asked = [], False, 0

    def send(self, messages):
        self.asked += 1
        if self.down:
            raise ConnectionError("nobody is there")
        self.got += messages


def warnings_to(sink):
    return Channel(sink, Wanted(send=("warnings",)), "warnings")


@pytest.fixture
def said(board, tmp_path):
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in happened(1_500)])
    with Live(board, "w", FileSource(path, most=300), RULE) as live:
        live.run()
    return [r for r in board.store.books.rows("live_warning") if not r["shadow"]]


def test_a_sink_that_is_down_for_an_hour_gets_everything_in_order(board, said):
    box, at = Box(), NOON
    box.down = True
    to = warnings_to(box)
    outbox = Outbox(board.store, "w", [to])
    tried = []
    while at < NOON + timedelta(hours=1):
        before = box.asked
        outbox.step(to, at)
        tried += [at] if box.asked > before else []
        at += timedelta(seconds=1)
    waits = [b - a for a, b in pairwise(tried)]
    assert waits[:4] == [timedelta(seconds=s) for s in (1, 2, 4, 8)]
    assert max(waits) == LONGEST_WAIT
    state = board.store.books.rows("watch_outbox")[0]
    assert state["sent"] == 0
    assert "nobody is there" in state["error"]
    box.down = False
    at += LONGEST_WAIT
    while outbox.step(to, at):
        pass
    assert [m.id for m in box.got] == [w["warning_id"] for w in said]
    assert len(said) > 50
    assert board.store.books.rows("watch_outbox")[0]["tries"] == 0
    again = Outbox(board.store, "w", [to])  # another process goes on where this one was
    assert not again.step(to, at)


def test_candidates_never_go_out(board, said):
    box = Box()
    with Outbox(board.store, "w", [warnings_to(box)]):
        pass
    assert len(box.got) == len(said) > 0
    kept = board.store.books.rows("live_warning", shadow=True)
    assert not {m.id for m in box.got} & {w["warning_id"] for w in kept}


class Taker(BaseHTTPRequestHandler):
    answers: list[int]
    got: list

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((dict(self.headers), body))
        self.send_response(self.answers.pop(0) if self.answers else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    class Mine(Taker):
        answers, got = [], []

    with HTTPServer(("127.0.0.1", 0), Mine) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/hook", Mine
        http.shutdown()
        thread.join()


def test_a_webhook_is_signed_and_tried_again_with_the_same_key(board, said, server):
    url, taker = server
    taker.answers += [500, 302]
    hook = Webhook(url, b"secret")
    to = warnings_to(hook)
    outbox, at = Outbox(board.store, "w", [to]), NOON
    assert not outbox.step(to, at)
    assert not outbox.step(to, at + timedelta(seconds=2))
    assert outbox.step(to, at + timedelta(seconds=10))
    assert len({h["Idempotency-Key"] for h, _ in taker.got}) == 1
    for headers, body in taker.got:
        signed = headers["X-Liandong-Signature"]
        seconds = int(signed.split(",")[0].removeprefix("t="))
        assert signed == signature(body, b"secret", seconds) != signature(body, b"other", seconds)
    first = json.loads(taker.got[-1][1])["warnings"][0]
    assert first["warning_id"] == said[0]["warning_id"]
    assert {"zh", "en"} <= set(first["reasons"][0])
    assert first["evidence"] == json.loads(said[0]["evidence"])


class Post(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.split()[0].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    text += line
                self.server.got.append(text)
            if word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 fine\r\n")


def test_mail_has_an_id_that_stays(board, said, tmp_path):
    with socketserver.TCPServer(("127.0.0.1", 0), Post) as server:
        server.got = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.server_address[1]
        sink = sink_at(f"mailto:desk@example.com?via=127.0.0.1:{port}&from=watch@example.com", "en")
        first, again = ([of_warning(w, ("en",)) for w in said[:3]] for _ in range(2))
        sink.send(first)
        sink.send(again)
        server.shutdown()
        thread.join()
    ids = {line for m in server.got for line in m.splitlines() if line.startswith(b"Message-ID")}
    assert len(server.got) == 2
    assert len(ids) == 1
    assert b"Subject: 3 warnings" in server.got[0]
    assert b"To: desk@example.com" in server.got[0]


def test_addresses_and_secrets_are_checked(monkeypatch):
    monkeypatch.delenv("LIANDONG_WEBHOOK_SECRET", raising=False)
    with pytest.raises(UsageError, match="LIANDONG_WEBHOOK_SECRET"):
        sink_at("https://example.com/x", "en")
    monkeypatch.setenv("LIANDONG_WEBHOOK_SECRET", "s")
    assert sink_at("https://example.com/x", "en").name == "https://example.com/x"
    with pytest.raises(UsageError, match="ftp"):
        sink_at("ftp://example.com", "en")
