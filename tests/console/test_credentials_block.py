"""The credentials of a firm on its page and in its twin: what is in force first."""

from datetime import date

import httpx
import pytest

import liandong as ld
from support.audit import audit
from support.boards import HOSTILE
from support.credentials import CODE, NOW, Region, firm, recognise, what
from support.site import Site, serving


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """A served board that accepted three credentials, one of which was revoked since."""
    folder = tmp_path_factory.mktemp("held")
    with ld.open(folder / "east.board", actor="ann") as board, Region(folder, "west") as west:
        firm(board)
        recognise(board, west, name=HOSTILE)
        recognise(board, west, "food", "food", HOSTILE)
        mine = west.board.credentials
        first = mine.issue(what(grade="甲", level=HOSTILE))
        mine.issue(what("food", until=date(2027, 1, 31)))
        mine.issue(what(grade="乙"))
        for number in (3, 2, 1):
            board.credentials.accept(west.file(number), f"{number}.json", NOW)
        mine.revoke(first, "by mistake")
        board.credentials.accept(west.listed(), "s.json", NOW)
        with serving(folder / "east.board", actor="ann") as url, httpx.Client() as client:
            yield Site(url, board, client)


def test_the_twin_and_the_page_tell_the_same(held):
    found = held.json("/firm/F1?on=2026-12-01")["credentials"]
    assert [(r["number"], r["status"]) for r in found] == [
        (2, "in_force"), (3, "in_force"), (1, "revoked"),
    ]  # fmt: skip
    assert found[2]["said"] == f"grade: 甲, level: {HOSTILE}"
    later = held.json("/firm/F1?on=2027-02-01")["credentials"]
    assert [(r["number"], r["status"]) for r in later] == [
        (3, "in_force"), (2, "lapsed"), (1, "revoked"),
    ]  # fmt: skip
    assert {r["status"] for r in held.json("/firm/F1?on=2025-02-01")["credentials"]} == {
        "not_yet", "revoked",
    }  # fmt: skip
    for lang, words in (("zh", ("资质", "有效", "已撤销")), ("en", ("Credentials", "in force"))):
        page = held.get("/firm/F1", lang=lang).text
        assert all(w in page for w in words)
        assert HOSTILE not in page
        assert "/table/credential/row?issuer=west.example" in page
    assert CODE in held.get("/firm/F1").text


def test_each_row_leads_to_its_file_and_act(held):
    row = "/table/credential/row?issuer=west.example/acts&number=2"
    page = held.get(row).text
    assert "load.credential" in page
    assert held.sql("SELECT file FROM credential WHERE number = 2")[0]["file"] in page
    run = held.board.runs()[-1]
    assert "s.json" in held.get(f"/run/{run.run_id}").text


def test_a_firm_without_any_has_no_such_part(held):
    firm(held.board, "91330100799655058B", "F2")
    assert "Credentials" not in held.get("/firm/F2").text


def test_they_can_be_had_as_a_file(held):
    answer = held.get("/firm/F1?on=2026-12-01&format=csv&block=credentials")
    assert answer.status_code == 200
    first, *rows = answer.text.splitlines()
    assert len(rows) == 3
    assert {"kind", "issued_by", "status", "file"} <= {*first.lstrip("\ufeff").split(",")}


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_without_fault(look, held, lang):
    for width, dark in ((1280, False), (390, True)):
        seen = look("/firm/F1", lang=lang, width=width, dark=dark, at=held.url)
        assert seen.faults == []
        assert audit(seen.page) == []
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert seen.page.evaluate(wide) <= 0
