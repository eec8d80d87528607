"""A board that is really served, on a free port of this machine, for tests of pages and API."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

import liandong as ld
from liandong.service.app import create_app
from liandong.service.heads import Heads
from liandong.service.serve import GRACE
from support.boards import copied


@dataclass(frozen=True)
class Site:
    """A served board.

    Attributes
    ----------
    url
        Address without a slash at the end.
    board
        The same board, opened by the test.
    browser
        Keeps its connections, which saves most of the time of a test.
    """

    url: str
    board: ld.Board
    browser: httpx.Client

    def get(self, path: str, *, lang: str = "en", accept: str = "text/html") -> httpx.Response:
        """Ask for a page as a browser would, or as a program with another ``accept``."""
        headers = {"accept-language": lang, "accept": accept}
        answer = self.browser.get(self.url + path, headers=headers)
        self.browser.cookies.clear()  # a link may have chosen a language, which is kept
        return answer

    def json(self, path: str) -> dict:
        """Return the data twin of a page."""
        answer = self.get(path + ("&" if "?" in path else "?") + "format=json")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sql(self, query: str, *values: object) -> list[dict]:
        """Ask the board directly: what pages show must agree with it."""
        return self.board.sql(query, values).to_pylist()


@contextmanager
def serving(location: str | Path, **options: object) -> Iterator[str]:
    """Serve a board in a thread; yield its address."""
    config = uvicorn.Config(create_app(str(location), **options), port=0, ws="none", http=Heads,
                            log_level="critical", lifespan="on",
                            timeout_graceful_shutdown=GRACE)  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A filled board, served."""
    location = tmp_path_factory.mktemp("site") / "t.board"
    with (
        copied(tmp_path_factory, location) as board,
        serving(location) as url,
        httpx.Client(timeout=30) as browser,
    ):
        yield Site(url, board, browser)


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A new board without anything, served."""
    location = tmp_path_factory.mktemp("empty") / "t.board"
    with (
        ld.open(location, actor="ann") as board,
        serving(location) as url,
        httpx.Client(timeout=30) as browser,
    ):
        yield Site(url, board, browser)
