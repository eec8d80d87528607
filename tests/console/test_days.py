"""The four days of the documents can be walked; ``make shots`` takes their pictures on the way."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import liandong as ld
from support.days import DAYS, WHO, Stop
from support.site import Site, serving
from support.source import ROOT

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("LIANDONG_SHOTS")
"""Folder of the pictures, if they are to be taken: on the demonstration's board, as told there."""


@pytest.fixture(scope="module")
def walked(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The board of the tests or, for pictures, that of the demonstration; served."""
    if not SHOTS:
        yield request.getfixturevalue("site")
        return
    demo = ROOT / "demo" / "world.board"
    with ld.open(demo, actor="demo") as board, serving(demo) as url, httpx.Client() as client:
        yield Site(url, board, client)


@pytest.fixture(scope="module")
def who(walked: Site) -> dict[str, str]:
    """Whom the days are about on this board."""
    return {name: str(next(iter(walked.sql(q)[0].values()))) for name, q in WHO.items()}


def _shoot(page: object, name: str) -> None:
    """Keep what the window shows, small enough for a repository."""
    from PIL import Image

    picture = Image.open(io.BytesIO(page.screenshot()))
    Path(SHOTS).mkdir(parents=True, exist_ok=True)
    picture.convert("RGB").save(Path(SHOTS, f"{name}.webp"), quality=72, method=6)


@pytest.mark.parametrize("day", DAYS)
def test_a_day_can_be_walked(look, walked: Site, who: dict[str, str], day: str) -> None:
    for stop in DAYS[day]:
        path = stop.path.format(**who)
        seen = look(path, at=walked.url)
        assert seen.faults == [], path
        assert seen.page.locator("h1").inner_text().strip(), path
        claimed = stop.claims(walked.json(path.partition("#")[0]))
        assert claimed in seen.page.locator("body").inner_text(), path
        if SHOTS:
            _keep(look, walked.url, f"{day}-{stop.name}", path, stop)


def _keep(look: object, at: str, name: str, path: str, stop: Stop) -> None:
    for lang in ("en", "zh"):
        _shoot(look(path, at=at, lang=lang).page, f"{name}-{lang}")
        if stop.phone:
            _shoot(look(path, at=at, lang=lang, width=390).page, f"{name}-phone-{lang}")
