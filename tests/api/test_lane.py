"""The short way answers as the long one does, in order, and not before all is on the disk."""

import json
import socket
import threading
import time
from contextlib import closing, contextmanager

import httpx
import pytest

from liandong.delivery import lines
from liandong.service import intake as room
from liandong.service.intake import Intake, create_intake
from liandong.service.lane import Lane
from liandong.service.serve import server_of
from liandong.store.spool import Spool
from support.happened import happened

GOOD = json.dumps(happened(1)[0])
BAD = '{"event_id": "x", "amount": "much"}'
MANY = "\n".join([GOOD] * (lines.FEW // len(GOOD) + 1))
ASKED = [
    ("POST", "/v1/events", GOOD, {}),
    ("POST", "/v1/events", f"{GOOD}\n{BAD}\nno\n\n", {}),
    ("POST", "/v1/events", "no", {}),
    ("POST", "/v1/events", "", {}),
    ("POST", "/v1/events", "[" * 8000, {}),
    ("POST", "/v1/events", json.dumps({**happened(1)[0], "event_id": "\ud800"}), {}),
    ("POST", "/v1/events", json.dumps({**happened(1)[0], "at": "9999-12-31T23:59:59-12:00"}), {}),
    ("POST", "/v1/events", MANY, {}),
    ("POST", "/v1/events", "x" * lines.FEW, {}),
    ("POST", "/v1/events?format=html", GOOD, {"connection": "close"}),
    ("POST", "/v1/events", GOOD, {"expect": "100-continue"}),
    ("POST", "/v1/events", GOOD, {"host": "elsewhere.example"}),
    ("POST", "/v1/events", GOOD, {"host": "localhost"}),
    ("GET", "/v1/events", "", {}),
    ("POST", "/v1/other", GOOD, {}),
    ("GET", "/metrics", "", {}),
]


@pytest.fixture
def spool(tmp_path):
    with closing(Spool(tmp_path / "inbox")) as found:
        yield found


@contextmanager
def served(spool, http=Lane, behind=lambda: 0):
    """Serve an intake in a thread; yields its port."""
    server = server_of(create_intake(Intake(spool, behind), lambda: "liandong_watch 1\n"), http)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def answers(spool, http, asked, behind=lambda: 0):
    """Return what is answered: status, kind, whether it goes on, and the body."""
    with (
        served(spool, http, behind) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        said = [client.request(m, p, content=c, headers=h) for m, p, c, h in asked]
    kept = ("content-type", "content-length", "connection", "retry-after", "allow")
    return [(a.status_code, [a.headers.get(k) for k in kept], a.text) for a in said]


def test_both_ways_answer_the_same(spool, monkeypatch):
    short = answers(spool, Lane, ASKED)
    assert short == answers(spool, None, ASKED)
    assert [a[0] for a in short] == [
        202, 202, 422, 202, 422, 422, 422, 202, 422, 202, 202, 400, 202, 405, 404, 200
    ]  # fmt: skip
    html = [("POST", "/v1/events", GOOD, {"accept": "text/html"})]
    for asked in (ASKED[:1], html):  # the watch is far behind
        behind = answers(spool, Lane, asked, lambda: 1 << 40)
        assert behind == answers(spool, None, asked, lambda: 1 << 40)
        assert (behind[0][0], behind[0][1][3]) == (503, "1")
    monkeypatch.setattr(spool, "append", full)
    assert answers(spool, Lane, ASKED[:1]) == answers(spool, None, ASKED[:1])
    assert answers(spool, Lane, ASKED[:1])[0][0] == 507


def full(_):
    raise OSError(28, "No space left on device")


def test_only_few_events_go_the_short_way(spool, monkeypatch):
    long = []
    body = room._body

    async def seen(request):
        long.append(found := await body(request))
        return found

    monkeypatch.setattr(room, "_body", seen)
    answers(spool, Lane, ASKED[:1] * 3)
    assert long == []
    answers(spool, Lane, [("POST", "/v1/events", MANY, {})])
    assert long == [MANY.encode()]


def request(body, path="/v1/events", method="POST"):
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def test_what_comes_in_one_go_or_in_pieces_is_answered_in_order(spool):
    lines_of = [f"{json.dumps(e)}\n" for e in happened(6)]
    sent = b"".join([
        *(request("".join(lines_of[:n])) for n in range(4)),
        request("", "/metrics", "GET"), request("no"), request(MANY), request(lines_of[4]),
    ])  # fmt: skip
    with served(spool) as port:
        for size in (len(sent), 97, 1000):
            with socket.create_connection(("127.0.0.1", port), 30) as to:
                for i in range(0, len(sent), size):
                    to.sendall(sent[i : i + size])
                    time.sleep(0.0001)
                said = heard(to, 8)
            assert [s[0] for s in said] == [202, 202, 202, 202, 200, 422, 202, 202]
            taken = [json.loads(s[1])["events"] for i, s in enumerate(said) if i != 4]
            assert taken == [0, 1, 2, 3, 0, MANY.count("\n") + 1, 1]
    written = (spool.folder / "00000001.ndjson").read_text("utf-8")
    assert written.count(lines_of[4]) == 3


def heard(of, count):
    """Return status and body of so many answers."""
    found, data = [], b""
    while len(found) < count:
        end = data.find(b"\r\n\r\n")
        head = data[: max(end, 0)].decode().lower()
        size = int(head.partition("content-length: ")[2].split("\r\n")[0] or 0)
        if end < 0 or len(data) < end + 4 + size:
            more = of.recv(1 << 16)
            assert more, found
            data += more
            continue
        found.append((int(head.split()[1]), data[end + 4 : end + 4 + size].decode()))
        data = data[end + 4 + size :]
    return found


def test_nothing_is_answered_before_it_is_on_the_disk(spool, monkeypatch):
    """One write at a time; what comes meanwhile is in the next, and who goes stops nobody."""
    written, may, append = [], threading.Semaphore(0), spool.append

    def slow(data):
        assert may.acquire(timeout=30)
        append(data)
        written.append(data.count(b"\n"))

    monkeypatch.setattr(spool, "append", slow)
    with served(spool) as port:
        to = [socket.create_connection(("127.0.0.1", port), 30) for _ in range(9)]
        for each in to:
            each.sendall(request(GOOD))
        to.pop().close()
        time.sleep(0.2)
        for each in to:
            each.setblocking(False)
            with pytest.raises(BlockingIOError):
                each.recv(1)
            each.settimeout(30)
        may.release(9)
        assert [heard(each, 1)[0][0] for each in to] == [202] * 8
        for each in to:
            each.close()
    assert sum(written) == 9
    assert len(written) == 2
