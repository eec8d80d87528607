"""The served boards, and a real browser to look at them."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from support.need import missing
from support.site import empty_site, site

__all__ = ["browser", "empty_site", "look", "looks", "site"]

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None:
        missing("Chromium", "apt-get install chromium")
    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@dataclass
class Look:
    """A page in the browser, and everything that went wrong on it.

    Attributes
    ----------
    page
        The page of Playwright.
    faults
        Console errors and warnings, failed requests, requests to other hosts.
    """

    page: object
    faults: list[str] = field(default_factory=list)

    def watch(self, home: str) -> None:
        """Note what goes wrong from now on."""
        self.page.on("console", lambda m: self._said(m.type, m.text))
        self.page.on("pageerror", lambda e: self.faults.append(f"error: {e}"))
        self.page.on("requestfailed", lambda r: self._failed(r.url))
        self.page.on("request", lambda r: self._asked(home, r.url))

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.faults.append(f"{kind}: {text}")

    def _failed(self, url: str) -> None:
        if "/events" not in url:  # a stream that ends with its page has not failed
            self.faults.append(f"failed: {url}")

    def _asked(self, home: str, url: str) -> None:
        if not url.startswith((home, "data:")):
            self.faults.append(f"foreign: {url}")

    def at(self, address: str) -> "Look":
        """Go there and wait until it is drawn."""
        self.page.goto(address)
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        return self

    def plain(self, address: str) -> "Look":
        """Go there in a browser that runs no scripts."""
        self.page.goto(address)
        return self


class Looks:
    """Opens pages in as few browser contexts as there are ways to look.

    Parameters
    ----------
    browser
        The browser of Playwright.
    """

    def __init__(self, browser: object) -> None:
        self._browser = browser
        self._contexts = {}

    def context(self, lang: str, width: int, *, dark: bool, scripts: bool) -> object:
        """Return the context for one way to look."""
        key = (lang, width, dark, scripts)
        if key not in self._contexts:
            self._contexts[key] = self._browser.new_context(
                locale="zh-CN" if lang == "zh" else "en-GB",
                viewport={"width": width, "height": 900},
                color_scheme="dark" if dark else "light",
                java_script_enabled=scripts,
                reduced_motion="reduce",
            )
        return self._contexts[key]

    def forget(self) -> None:
        """Close all pages and forget what they kept."""
        for context in self._contexts.values():
            for page in context.pages:
                page.close()
            context.clear_cookies()


@pytest.fixture(scope="session")
def looks(browser) -> Looks:
    """The ways to look at pages."""
    return Looks(browser)


@pytest.fixture
def look_at(looks) -> Iterator[object]:
    """Return a function that opens an address of a site: ``look_at(url, "/", lang="zh")``."""

    def opened(
        at: str, path: str, *, lang: str = "en", width: int = 1280, dark: bool = False,
        scripts: bool = True,
    ) -> Look:  # fmt: skip
        found = Look(looks.context(lang, width, dark=dark, scripts=scripts).new_page())
        found.watch(at)
        return found.at(at + path) if scripts else found.plain(at + path)

    yield opened
    looks.forget()


@pytest.fixture
def look(look_at, site) -> object:
    """Return a function that opens an address: ``look("/", lang="zh", width=390)``."""

    def opened(path: str, *, at: str = site.url, **ways: object) -> Look:
        return look_at(at, path, **ways)

    return opened
