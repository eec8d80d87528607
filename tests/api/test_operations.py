"""What those who run the service see: workers, logs, figures, readiness, limits, spans."""

import asyncio
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from starlette.exceptions import HTTPException

import liandong as ld
from liandong import spans
from liandong.config import settings_now
from liandong.console import render
from liandong.errors import UsageError
from liandong.service import bodies, logs
from liandong.service.identity.passwords import Passwords
from liandong.service.serve import HUNG, path_taken, port_taken
from support.fronted import asking, served
from support.logins import CHEAP, PASSWORD
from support.site import serving

LINE = re.compile(r"^(\w+)(\{[^}]*\})? (\S+)$", re.MULTILINE)


@pytest.fixture
def board(tmp_path):
    with ld.open(tmp_path / "t.board", actor="ann") as opened:
        yield opened


def figures(text: str) -> dict[str, float]:
    return {name + labels: float(value) for name, labels, value in LINE.findall(text)}


def lines(log) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_workers_share_figures_and_are_replaced(board, tmp_path, monkeypatch) -> None:
    log, home = tmp_path / "log", tmp_path / "t.board"
    asked = {"headers": {"x-request-id": "asked-by-a-test"}}
    for name, value in CHEAP.items():
        monkeypatch.setenv(name, value)
    board.people.add("ann", Passwords(settings_now()).made("ann", PASSWORD))
    with served(home, log, "--workers", 2) as process, asking(home) as ask:
        assert ask.get("/firms").status_code == 401
        assert ask.post("/login", data={"name": "ann", "password": PASSWORD}).status_code == 303
        for _ in range(12):
            with asking(home, ask.cookies) as again:  # another connection may be another worker's
                assert again.get("/firms?q=geheim", **asked).headers["x-request-id"] == (
                    "asked-by-a-test"
                )
        assert ask.get("/nowhere/geheim").json()["request_id"]
        seen = figures(ask.get("/metrics").text)
        assert seen['liandong_http_requests_total{method="GET",route="/firms",status="200"}'] == 12
        assert seen['liandong_http_seconds_count{route="/firms"}'] == 12
        assert seen["liandong_workers"] == 2
        assert seen["liandong_board_acts"] == board.store.state()
        assert seen["liandong_memory_bytes"] > 1 << 26
        workers = children(process.pid)
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        wait_until(lambda: len(set(children(process.pid)) - {workers[0]}) == 2)
        wait_until(lambda: ready(home) == 200)
        with ask.stream("GET", "/v1/alerts/events") as told:
            next(told.iter_lines())
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    assert process.returncode == 0
    assert not home.with_name("web.sock").exists()
    assert "geheim" not in log.read_text()
    firms = [x for x in lines(log) if x.get("route") == "/firms"]
    assert {x["request_id"] for x in firms} == {"asked-by-a-test"}
    assert {"time", "level", "method", "status", "ms", "bytes", "actor"} <= firms[0].keys()


def test_it_ends_at_once_while_workers_begin(board, tmp_path) -> None:
    words = ["--board", str(tmp_path / "t.board"), "serve", "--socket", str(tmp_path / "web.sock")]
    begun = [sys.executable, "-m", "liandong.cli", *words, "--login", "--workers", "2"]
    with subprocess.Popen(begun, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: len(children(process.pid)) == 2)
        for one in (*children(process.pid), process.pid):  # as a terminal or systemd does
            os.kill(one, signal.SIGTERM)
        assert process.wait(HUNG - 5) == 0
    assert not (tmp_path / "web.sock").exists()


def children(pid: int) -> list[int]:
    """Return the workers of a process, without the helper that Python starts beside them."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(p) for p in (task / "children").read_text().split()]
    return [p for p in found if b"spawn_main" in command(p)]


def command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def ready(home) -> int:
    with asking(home) as ask:
        return ask.get("/ready").status_code


def wait_until(so) -> None:
    until = time.monotonic() + 90
    while not so():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_an_address_that_is_taken_is_told(tmp_path) -> None:
    with port_taken(0) as held, pytest.raises(UsageError) as told:
        port_taken(held.getsockname()[1])
    assert "is not free" in told.value.text("en")
    path = tmp_path / "s"
    with path_taken(path), pytest.raises(UsageError):
        path_taken(path)
    with path_taken(path):  # the first one has ended without taking its name away
        assert path.stat().st_mode & 0o777 == 0o660


def test_what_keeps_a_board_from_being_served(board, tmp_path, monkeypatch) -> None:
    with serving(tmp_path / "t.board") as url:

        def told():
            return httpx.get(f"{url}/ready", headers={"accept-language": "en"})

        assert told().json() == {"status": "ok", "acts": board.store.state()}
        monkeypatch.setenv("LIANDONG_DISK_FLOOR", str(1 << 40))
        assert told().status_code == 503
        assert told().json()["type"] == "urn:liandong:problem:not_ready"
        assert "MB left" in told().json()["detail"]
        monkeypatch.delenv("LIANDONG_DISK_FLOOR")
        board.put("a", {})
        with board.store.books.writing() as c:
            c.execute(sa.text("DROP TRIGGER act_no_update"))
            c.execute(sa.text("UPDATE act SET actor = 'eve'"))
        assert "leaf hash" in told().json()["detail"]
        with board.store.books.writing() as c:
            c.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        assert "9999" in told().json()["detail"]
        assert httpx.get(f"{url}/health").status_code == 200


def test_figures_are_not_for_everybody(board, tmp_path, monkeypatch) -> None:
    with serving(tmp_path / "t.board") as url:
        assert httpx.get(f"{url}/metrics").status_code == 200
        foreign = {"x-forwarded-for": "203.0.113.9"}
        assert httpx.get(f"{url}/metrics", headers=foreign).status_code == 403
        open_it = foreign | {"authorization": "Bearer long-and-secret"}
        assert httpx.get(f"{url}/metrics", headers=open_it).status_code == 403
        monkeypatch.setenv("LIANDONG_METRICS_TOKEN", "long-and-secret")
        assert httpx.get(f"{url}/metrics", headers=open_it).status_code == 200
        wrong = foreign | {"authorization": "Bearer long-and-secreT"}
        assert httpx.get(f"{url}/metrics", headers=wrong).status_code == 403


def test_addresses_do_not_make_figures(board, tmp_path) -> None:
    with serving(tmp_path / "t.board") as url:
        for i in range(8):
            httpx.get(f"{url}/nowhere/{i}")
            httpx.get(f"{url}/firm/{i}")
            httpx.request(f"M{i}", f"{url}/health")
        text = httpx.get(f"{url}/metrics").text
    routes = {k for k in figures(text) if k.startswith("liandong_http_requests_total")}
    assert len(routes) <= 5, routes


def test_too_much_is_not_taken(board, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(bodies, "MOST_BYTES", 1000)
    monkeypatch.setattr(bodies, "PATIENCE", 0.3)
    kind = {"content-type": "application/json"}

    with serving(tmp_path / "t.board") as url:
        said = httpx.post(f"{url}/nowhere", content=b"x" * 1001, headers=kind)
        assert said.status_code == 413
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as slow:
            head = f"POST /agreements/begin HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {url}\r\n"
            body = "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n"
            slow.sendall(f"{head}{body}".encode())
            slow.settimeout(20)
            assert b" 408 " in slow.recv(100)
    app = bodies.Bodies(_reads, most=0)
    with ThreadPoolExecutor() as beside:  # a test before may have left a loop in this thread
        for parts, said in (([600, 600], 413), ([600, 300], 900)):
            assert beside.submit(asyncio.run, _sent(app, parts)).result() == said


async def _reads(scope, receive, send) -> None:
    scope["size"] = 0
    while True:
        message = await receive()
        scope["size"] += len(message["body"])
        if not message["more_body"]:
            return


async def _sent(app, sizes) -> int:
    parts = iter(sizes)
    left = [len(sizes)]

    async def receive():
        left[0] -= 1
        return {"type": "http.request", "body": b"x" * next(parts), "more_body": left[0] > 0}

    scope = {"type": "http", "headers": []}
    try:
        await app(scope, receive, None)
    except HTTPException as error:
        return error.status_code
    return scope["size"]


def test_nothing_that_is_sent_begins_a_line_of_the_log() -> None:
    record = logging.makeLogRecord(
        {"name": "x", "levelname": "INFO", "msg": "a\nb\x1b[31m", "about": {"actor": "e\r\nINFO x"}}
    )
    for form in (logs.AsJson(), logs.AsText()):
        assert len(form.format(record).splitlines()) == 1
        assert "\x1b" not in form.format(record)


def test_a_defect_is_found_by_the_id_of_its_request(board, tmp_path, monkeypatch) -> None:
    def broken(*_: object) -> str:
        raise RuntimeError

    monkeypatch.setattr(render, "html", broken)
    with serving(tmp_path / "t.board") as url:
        answer = httpx.get(f"{url}/firms", headers={"x-request-id": "bad id"})
    name = answer.json()["request_id"]
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, name)
    assert re.fullmatch("[0-9a-f]{32}", name)


def test_spans_lie_in_each_other(board, tmp_path) -> None:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    spans.trace(provider.get_tracer("test"))
    above = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    try:
        with serving(tmp_path / "t.board") as url:
            httpx.get(f"{url}/firms?q=geheim", headers={"traceparent": above})
        board.run(ld.survey.gap)
    finally:
        spans.trace(None)
    made = {s.name: s for s in kept.get_finished_spans()}
    page, asked = made["GET /firms"], made["board.ask"]
    assert f"{page.context.trace_id:032x}" in above
    assert asked.context.trace_id == page.context.trace_id
    assert made["survey.gap"].parent.span_id == made["board.run"].context.span_id
    assert "geheim" not in "".join(s.to_json() for s in kept.get_finished_spans())
