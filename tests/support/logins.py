"""People who log in to a served board in tests, with hashing that costs little."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyotp
import pytest
from limits import parse

import liandong as ld
from liandong.config import settings_now
from liandong.service.identity import gate
from liandong.service.identity.passwords import Passwords
from liandong.store import logins
from support.site import serving

PASSWORD = "correct horse battery staple"
CHEAP = {
    "LIANDONG_ARGON2_MEMORY": "64", "LIANDONG_ARGON2_TIME": "1",
    "LIANDONG_SECRET_KEY": "for tests only, and long enough",
}  # fmt: skip
CHEAP["LIANDONG_SECRET_KEY"] += "!" * 8


@dataclass
class Visitor:
    """Somebody with a browser of his own.

    Attributes
    ----------
    browser
        Keeps his cookies.
    """

    browser: httpx.Client

    def log_in(self, name: str, password: str = PASSWORD, to: str = "/", **more: str):
        """Send the form of the login page."""
        return self.browser.post(
            "/login", data={"name": name, "password": password, "next": to, **more}
        )

    def ticket(self) -> str:
        """Return what forms of his session carry."""
        found = re.search(r'name="ticket" value="(\w+)"', self.browser.get("/account").text)
        return found.group(1) if found else ""

    def post(self, path: str, **given: str) -> httpx.Response:
        """Send a form of one of his pages."""
        return self.browser.post(path, data={"ticket": self.ticket(), **given})

    def enrol(self) -> tuple[pyotp.TOTP, list[str], int]:
        """Set up one-time codes; return the app, the recovery codes, and when it was."""
        page = self.post("/account/totp", password=PASSWORD).text
        sealed = re.search(r'name="sealed" value="([^"]+)"', page).group(1)
        app = pyotp.TOTP(re.search(r"<code>(\w+)</code>", page).group(1))
        begun = int(time.time())
        done = self.post("/account/confirm", sealed=sealed, code=app.at(begun))
        return app, re.findall(r"<code>(.*?)</code>", done.text), begun

    def token(self, scope: str = "read", days: str = "1") -> str:
        """Make a token on the page of his access."""
        page = self.post("/account/token", label="test", scope=scope, days=days)
        assert page.status_code == 200, page.text
        return re.search(r"<code>(ldg_.*?)</code>", page.text).group(1)


@dataclass(frozen=True)
class Desk:
    """A served board with people.

    Attributes
    ----------
    url, board
        Where it is served, and the same board as its keeper.
    """

    url: str
    board: ld.Board

    def add(self, name: str, password: str = PASSWORD) -> None:
        """Add a person."""
        self.board.people.add(name, Passwords(settings_now()).made(name, password))

    @contextmanager
    def visitor(self, name: str = "", url: str = "", **headers: str) -> Iterator[Visitor]:
        """Open a browser, and log in if it is somebody's."""
        own = {"origin": self.url, "accept": "text/html", "accept-language": "en", **headers}
        with httpx.Client(base_url=url or self.url, headers=own, timeout=30) as browser:
            found = Visitor(browser)
            if name:
                assert found.log_in(name).status_code == 303
            yield found

    def set(self, table: str, **values: object) -> None:
        """Change a table of the books behind everybody's back: what time would do."""
        from liandong.schema.sql import METADATA

        with self.board.store.books.writing() as c:
            c.execute(METADATA.tables[table].update().values(**values))


@contextmanager
def desk_at(folder: Path, **settings: str) -> Iterator[Desk]:
    """Serve a new board, on which nobody is yet."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**CHEAP, **settings}.items():
            patch.setenv(name, value)
        patch.setattr(logins, "MOST_ATTEMPTS", 1000)
        for limit in ("BY_ADDRESS", "BY_NAME"):
            patch.setattr(gate, limit, parse("1000/minute"))
        location = folder / "t.board"
        with ld.open(location, actor="keeper") as board, serving(location) as url:
            yield Desk(url, board)
