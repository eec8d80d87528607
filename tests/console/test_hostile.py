"""Whatever somebody has brought onto the board comes out of every page as text."""

import re
from collections.abc import Iterator
from html import escape

import httpx
import pytest

import liandong as ld
from support.addresses import every_page
from support.boards import copied
from support.hostile import ATTACKS, Page, poison
from support.site import Site, serving


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Iterator[Site]:
    """A filled board, served, of which all that is free text is an attack."""
    location = tmp_path_factory.mktemp("hostile") / "t.board"
    copied(tmp_path_factory, location).close()
    with ld.open(location, actor="ann") as board:
        tables = poison(board)
        assert len(tables) > 100, tables
    with (
        ld.open(location, actor="ann") as board,
        serving(location) as url,
        httpx.Client(timeout=60) as browser,
    ):
        yield Site(url, board, browser)


@pytest.mark.parametrize("attack", [a for a in ATTACKS if re.search("<xss|[^<]on", a)])
def test_what_succeeds_is_found(attack: str) -> None:
    assert Page(f'<textarea>x</textarea><input value="{attack}">{attack}').faults
    assert not Page(f'<input value="{escape(attack)}">{escape(attack)}').faults


def test_no_page_takes_a_text_for_a_part_of_itself(hostile: Site) -> None:
    showing = set()
    pages = every_page(hostile)
    alike = [p for kind in ("/run/", "/rule/") for p in pages if p.startswith(kind)][1:-1]
    for path in [p for p in pages if p not in alike]:
        answer = hostile.get(path)
        assert answer.status_code == 200, (path, answer.text[-500:])
        page = Page(answer.text)
        assert page.faults == [], path
        said = "\n".join(page.said)
        assert "xyxyxyxy" not in said, path
        showing |= {path.split("?")[0]} if any(a in said for a in ATTACKS) else set()
    assert {
        "/firms", "/chain", "/vouchers", "/flags", "/compare", "/accountability", "/map", "/desk",
        "/offers", "/agreements", "/cases", "/alerts", "/trace", "/circles", "/market", "/reach",
        "/rules/watch", "/statements", "/portfolio", "/innovation", "/backtests", "/statistics",
    } <= showing, showing  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/chain?firm=F000012", "/map", "/rules/watch?code=low"])
def test_no_script_of_ours_takes_a_text_for_a_part_of_the_page(hostile: Site, look, path) -> None:
    seen = look(path, at=hostile.url)
    assert seen.page.locator("xss, [onerror], [onload], [onfocus]").count() == 0
    assert seen.faults == []
