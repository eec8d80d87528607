"""Buttons say why they cannot be pressed; a whole job says what is done and what waits."""

import re

import httpx
import pytest

import liandong as ld
from liandong.console.jobdesk import jobs_of
from liandong.console.pages import start
from liandong.govern.versions import AGREEMENT
from liandong.loop import AGREEMENTS
from liandong.settle import AgreementRule
from liandong.step.reasons import reason_text
from liandong.texts import catalogue
from support.casework import case_of, firms, judged
from support.site import Site, serving


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A board where li alone has the powers, as served by ann."""
    location = tmp_path_factory.mktemp("buttons") / "b.board"
    with ld.open(location, actor="li") as board:
        actions = ("survey.gap", "file.upload", "appeal.file", "load.place")
        board.powers.add([{"power_id": a, "holder": "li", "action": a} for a in actions])
        with serving(location, actor="ann") as ann, serving(location, actor="li") as li:
            yield board, ann, li


def page(url: str, lang: str = "en") -> str:
    headers = {"accept": "text/html", "accept-language": lang}
    return httpx.get(url, headers=headers, timeout=60).text


def pressed(text: str, word: str) -> list[bool]:
    """Return for each button with a word whether it can be pressed."""
    return ["disabled" not in b for b in re.findall(rf"<button([^>]*)>{word}</button>", text)]


@pytest.mark.parametrize(
    ("path", "word", "action"),
    [("/jobs?step=survey.gap", "Run", "survey.gap"),
     ("/start", "Hand in and look", "file.upload"),
     ("/accountability", "Appeal", "appeal.file")],
)  # fmt: skip
def test_a_button_names_the_power_that_is_missing(desk, path: str, word: str, action: str) -> None:
    _, ann, li = desk
    lacking, able = page(ann + path), page(li + path)
    assert pressed(lacking, word) == [False]
    assert f'href="/powers?action={action}">needs the power {action}</a>' in lacking
    assert f"缺少权力 {action}" in page(ann + path, "zh")
    assert pressed(able, word) == [True]
    assert "needs the power" not in able


def test_what_one_may_not_load_cannot_be_chosen(desk, monkeypatch, tmp_path) -> None:
    _, ann, li = desk
    (tmp_path / "own.csv").write_text("x\n", "utf-8")
    monkeypatch.setenv("LIANDONG_IMPORTS", str(tmp_path))
    place = re.compile(r'<option value="place"( disabled)?>(.*?)</option>')
    (shut, said), (free, _) = (place.search(page(at + "/start")).groups() for at in (ann, li))
    assert (shut, free) == (" disabled", None)
    assert said.endswith("(needs the power load.place)")
    assert pressed(page(f"{ann}/start"), "Load") == [True]
    monkeypatch.setattr(start, "sources", lambda: ["place"])
    assert pressed(page(f"{ann}/start"), "Load") == [False]
    assert 'href="/powers?action=load.place"' in page(f"{ann}/start")
    assert pressed(page(f"{li}/start"), "Load") == [True]


def test_where_nobody_is_named_everybody_may(desk) -> None:
    _, ann, _ = desk
    assert pressed(page(f"{ann}/jobs?step=survey.align"), "Run") == [True]


def test_a_button_knows_how_far_a_power_reaches(tmp_path) -> None:
    where = tmp_path / "r.board"
    with ld.open(where, actor="ann") as board, serving(where, actor="li") as li:
        board.put("firms", firms())
        judged(board, ("A1", "F1", "red"), ("A2", "F2", "red"))
        here, there = (case_of(board, f) for f in ("F1", "F2"))
        regions = {c["region_id"] for c in (here, there)}
        assert len(regions) == 2
        scope = {"region": [here["region_id"]]}
        board.powers.add([{"power_id": "W", "holder": "li", "action": "case.work", "scope": scope}])
        mine, other = (page(f"{li}/cases/{c['case_id']}") for c in (here, there))
        assert pressed(mine, "Note") == [True]
        assert pressed(other, "Note") == [False]
        assert 'href="/powers?action=case.work">the power case.work does not reach this' in other
        with pytest.raises(ld.errors.RefusedError):  # as it is when it is pressed
            board.acting("li").cases.note(there["case_id"], "x")
        board.acting("li").cases.note(here["case_id"], "x")


def test_nobody_is_asked_to_approve_what_is_his_own(desk) -> None:
    board, ann, li = desk
    rule = AgreementRule.make(agreements=AGREEMENTS[1:2])
    board.acting("ann").propose_rules("quota", rule, "why", AGREEMENT)
    own, other = page(f"{ann}/agreement/quota"), page(f"{li}/agreement/quota")
    assert pressed(own, "Approve") == [False]
    assert "somebody else decides" in own
    assert pressed(other, "Approve") == [True]


def test_a_whole_job_shows_what_is_done_what_goes_on_and_what_waits(desk) -> None:
    board, ann, _ = desk
    jobs = jobs_of(board)
    job = jobs.ask("loop", "loop", {}, ())
    jobs.take()
    stages = ["assess.features", "assess.fit", "assess.score"]
    jobs.plan(job, stages)
    jobs.tell(job, "assess.fit", 1, 3)
    for lang in ("zh", "en"):
        found = re.findall(r'<li class="stage-(\w+)".*?</span> (.*?) <small>(.*?)</small>',
                           page(f"{ann}/jobs", lang), re.DOTALL)  # fmt: skip
        words = [catalogue()[f"step.{s.replace('.', '_')}"][lang] for s in stages]
        assert [(at, name) for at, _, name in found] == [
            ("done", stages[0]), ("now", stages[1]), ("waits", stages[2]),
        ]  # fmt: skip
        assert [re.sub(r".*</span> ", "", w) for _, w, _ in found] == words
    jobs.end(job, "done")
    assert page(f"{ann}/jobs").count('class="stage-done"') == 3


def test_what_was_tried_is_begun_again_with_its_values(desk) -> None:
    board, ann, _ = desk
    jobs = jobs_of(board)
    args = {"values": {"seed": 7, "weights": ["a"]}, "dry_run": True}
    job = jobs.ask("run", "survey.gap", args, ("survey.gap",))
    jobs.take()
    assert "Again, with these values" not in page(f"{ann}/jobs")
    jobs.end(job, "done")
    (to,) = re.findall(r'href="([^"]*)">Again, with these values', page(f"{ann}/jobs"))
    assert to == "/jobs?step=survey.gap&amp;v.seed=7#begin"
    assert 'name="v.seed" value="7"' in page(ann + to.replace("&amp;", "&").partition("#")[0])


def test_the_page_of_an_error_stays_where_it_is(site: Site) -> None:
    text = site.get("/firm/nobody?region=310000").text
    assert 'href="/firm/nobody?region=310000&amp;lang=zh"' in text
    assert 'href="/firm/nobody?region=310000&amp;theme=dark"' in text


def test_numbers_in_words_are_written_like_others() -> None:
    assert reason_text("match.limit_need", 26_120_000, "en").endswith("26,120,000 yuan")
    assert "−3%" in reason_text("watch.staff_drop", -3, "zh")
