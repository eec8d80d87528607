"""Heads of requests that are too long or do not come, as a real server meets them."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import repeat

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from liandong.service import heads
from liandong.service.serve import beside
from support.servers import free_port

HOST = b"host: localhost\r\n"
LINE = b"x-%d: " + b"y" * 90 + b"\r\n"
FORM = b"POST / HTTP/1.1\r\n" + HOST


async def app(scope, receive, send) -> None:
    """Say how long a body was."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"{len(body)} bytes")(scope, receive, send)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    found = free_port()
    with beside(app, found):
        yield found


def said(port: int, *parts: bytes) -> bytes:
    """Send parts one by one, as far as they are taken; return all that is answered."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), 20) as to:
        to.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(ConnectionError):
            for part in parts:
                to.sendall(part)
        with suppress(ConnectionError):
            while more := to.recv(1 << 16):
                answer += more
    return answer


def test_what_fits_is_taken(port: int) -> None:
    end = b"connection: close\r\n\r\n"
    many = [LINE % i for i in range(500)]
    assert b"200 OK" in said(port, b"GET / HTTP/1.1\r\n" + HOST, *many, end)
    large = b"z" * (heads.MOST_BYTES * 8)
    short = b"content-length: %d\r\n" % len(large)
    twice = (FORM + short + b"\r\n" + large + FORM, short + end + large)
    assert said(port, *twice).count(b"%d bytes" % len(large)) == 2


ENDLESS = {
    "many headers": (b"GET / HTTP/1.1\r\n" + HOST, *(LINE % i for i in range(9_000))),
    "many short headers": (b"GET / HTTP/1.1\r\n" + HOST + b"a: \r\n" * 2_000,),
    "headers in one part": (b"GET / HTTP/1.1\r\n" + HOST + b"".join(LINE % i for i in range(999)),),
    "one header": (b"GET / HTTP/1.1\r\n" + HOST + b"x: ", *repeat(b"y" * 10_000, 90)),
    "an address": (b"GET /", *repeat(b"y" * 10_000, 90)),
    "a trailer": (
        FORM + b"transfer-encoding: chunked\r\n\r\n0\r\nx: ", *repeat(b"y" * 10_000, 90),
    ),
    "trailers": (
        FORM + b"transfer-encoding: chunked\r\n\r\n0\r\n", *(LINE % i for i in range(9_000)),
    ),
}  # fmt: skip


def problem(answer: bytes) -> str:
    """Return the code of the problem of an answer that is whole."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json\r\n" in head
    assert b"content-length: %d\r\n" % len(body) in head
    return str(json.loads(body)["type"]).rpartition(":")[2]


@pytest.mark.parametrize("how", ENDLESS)
def test_what_has_no_end_is_broken_off(port: int, how: str) -> None:
    answer = said(port, *ENDLESS[how])
    assert answer.startswith(b"HTTP/1.1 431 ") or (not answer and how != "headers in one part")
    assert not answer or problem(answer) == "head_too_large"


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nhost: lo"])
def test_what_does_not_come_is_not_waited_for(
    port: int, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "PATIENCE", 0.2)
    answer = said(port, begun)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert problem(answer) == "too_slow"
    patient = FORM + b"connection: close\r\ncontent-length: 3\r\n\r\n", b"abc"
    assert b"200 OK" in said(port, *patient)  # a body has its own time
