"""Pages of scorecards: they show what validation found, warn, and go along as one file."""

import json
import re
from datetime import date

import pytest
from typer.testing import CliRunner

from liandong.cli.main import app
from liandong.console.cells import Cells
from liandong.console.pages.cautions import cautions
from liandong.console.pictures import bins, caution
from support.audit import audit
from support.site import Site

LOOKS = {"zh": {"lang": "zh"}, "en": {"lang": "en"}, "dark": {"dark": True},
         "phone": {"lang": "zh", "width": 390}}  # fmt: skip


@pytest.fixture(scope="session")
def card(site: Site) -> str:
    """The scorecard of the board."""
    (row,) = site.sql("SELECT rule_id FROM rule WHERE kind = 'Scorecard'")
    return row["rule_id"]


def test_the_list_shows_the_most_telling_figure(site: Site, card: str) -> None:
    (row,) = site.json("/models")["rows"]
    areas = site.sql("SELECT sample, value FROM validation WHERE slice = 'all' AND measure = 'auc'")
    known = {r["sample"]: r["value"] for r in areas}
    assert row["rule_id"] == card
    assert row["sample"] == "out_of_fold"
    assert row["auc"] == known["out_of_fold"] != known["development"]
    assert f"{row['auc']:.3f}" in site.get("/models").text


def test_the_card_agrees_with_the_tables(site: Site, card: str) -> None:
    twin = site.json(f"/model/{card}")
    for s in twin["samples"]:
        found = site.sql(
            "SELECT measure, value, low, high FROM validation WHERE slice = 'all'"
            " AND sample = ? AND as_of = ?", s["sample"], s["as_of"],
        )  # fmt: skip
        assert s["figures"] == {
            r["measure"]: {k: r[k] for k in ("value", "low", "high")} for r in found
        }
    assert twin["shown"]["sample"] == "out_of_fold"
    psi = site.sql("SELECT measure, sum(part) AS psi FROM drift GROUP BY measure")
    assert {r["measure"]: pytest.approx(r["psi"]) for r in psi} == {
        r["measure"]: r["psi"] for r in twin["drift"]["rows"]
    }
    assert len(twin["leaks"]) == site.sql("SELECT count(*) AS n FROM leak")[0]["n"]
    for c in twin["card"]["characteristics"]:
        cells = twin["cells"][c["measure"]]
        assert sum(v["n"] for v in cells.values()) == twin["card"]["rows"]
        own = [b for b in twin["bins"] if b["measure"] == c["measure"]]
        assert [b["points"] for b in own] == [*c["points"], 0]
        assert [b["high"] for b in own[: len(c["edges"])]] == c["edges"]
        assert sum(b["n"] or 0 for b in own) == twin["card"]["rows"]


def test_another_sample_is_shown_when_asked_for(site: Site, card: str) -> None:
    twin = site.json(f"/model/{card}")
    (key,) = [s["key"] for s in twin["samples"] if s["sample"] == "development"]
    other = site.json(f"/model/{card}?sample={key}")
    assert other["shown"]["sample"] == "development"
    assert other["band"] != twin["band"]
    assert site.get(f"/model/{card}?sample=none").status_code == 400


def test_what_is_not_there_says_so(site: Site) -> None:
    answer = site.get("/model/none")
    assert answer.status_code == 404
    assert "/models" in answer.text
    fit = site.sql("SELECT rule_id FROM rule WHERE kind = 'FitRule'")[0]["rule_id"]
    assert site.get(f"/model/{fit}").status_code == 404


def test_an_empty_board_says_what_to_do(empty_site: Site) -> None:
    answer = empty_site.get("/models")
    assert answer.status_code == 200
    assert "liandong run assess.fit" in answer.text


@pytest.mark.browser
@pytest.mark.parametrize("look_as", LOOKS)
@pytest.mark.parametrize("path", ["/models", "/model/{card}"])
def test_pages_are_without_fault(look, card: str, path: str, look_as: str) -> None:
    seen = look(path.format(card=card), **LOOKS[look_as])
    assert seen.faults == []
    assert audit(seen.page) == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert seen.page.evaluate(wide) <= 0


@pytest.mark.browser
def test_pictures_are_drawn_without_scripts(look, site: Site, card: str) -> None:
    page = look(f"/model/{card}", scripts=False).page
    twin = site.json(f"/model/{card}")
    drawn = page.locator("svg.drawing")
    assert drawn.count() >= 6 + len(twin["card"]["characteristics"])
    lines = page.locator("figure:has-text('ROC curve') polyline")
    assert lines.count() == 1 + len(twin["roc"])
    area = [s["figures"]["auc"]["value"] for s in twin["samples"] if "auc" in s["figures"]]
    table = page.locator(".samples").inner_text()
    assert all(f"{a:.3f}" in table for a in area)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_file_of_its_own_needs_no_other(site: Site, card: str, tmp_path, lang: str) -> None:
    out = tmp_path / "card.html"
    board = str(site.board.store.location)
    done = CliRunner().invoke(app, ["-b", board, "--lang", lang, "card", card, "-o", str(out)])
    assert done.exit_code == 0, done.output
    text = out.read_text("utf-8")
    assert not re.search(r"<script|<link|<img|\bhref=|\bsrc=|url\(|@import|https?://", text)
    twin = site.json(f"/model/{card}")
    best = next(s for s in twin["samples"] if s["key"] == twin["shown"]["key"])
    assert f"{best['figures']['auc']['value']:.3f}" in text
    assert text.count('<svg class="drawing"') >= 6
    assert site.board.log.head() in text


def test_the_file_of_data_is_the_twin_of_the_page(site: Site, card: str, tmp_path) -> None:
    out = tmp_path / "card.json"
    board = str(site.board.store.location)
    assert CliRunner().invoke(app, ["-b", board, "card", card, "-o", str(out)]).exit_code == 0
    assert json.loads(out.read_text("utf-8")) == site.json(f"/model/{card}")


@pytest.mark.parametrize(("name", "code"), [("none", 3), ("", 2)])
def test_a_card_that_cannot_be_written_says_why(
    site: Site, card: str, tmp_path, name, code
) -> None:
    board, out = str(site.board.store.location), tmp_path / "no" / "card.html"
    done = CliRunner().invoke(app, ["-b", board, "card", name or card, "-o", str(out)])
    assert getattr(done.exception, "exit_code", None) == code


def figure(value: float, low: float | None = None, high: float | None = None) -> dict:
    return {"value": value, "low": low, "high": high}


def sample(name: str, **figures: dict) -> dict:
    fits = {"jeffreys_p": figure(0.5), "hosmer_lemeshow_p": figure(0.5)}
    return {"key": f"{name}.1", "sample": name, "as_of": date(2024, 1, 1), "n": 500,
            "figures": {**fits, **figures}}  # fmt: skip


def group(name: str, *ratio: float) -> dict:
    return {"name": name, "figures": {"impact_ratio": figure(*ratio)}}


def page(*samples: dict, **more: object) -> dict:
    """Return the data of a page with nothing to be wary of but what is given."""
    card = {"bads": 500, "characteristics": [{"measure": "sales_growth"}]}
    plain = {"card": card, "samples": list(samples), "leaks": [], "drift": None, "size": [],
             "region": [], "shown": samples[0] if samples else None}  # fmt: skip
    return {**plain, **more}


SOUND = sample("out_of_time", auc=figure(0.75, 0.7, 0.8))
CASES = {
    "": page(SOUND),
    "not_validated": page(),
    "no_other_sample": page(sample("out_of_fold", auc=figure(0.75, 0.7, 0.8))),
    "weak": page(sample("out_of_time", auc=figure(0.52, 0.45, 0.59))),
    "flattered": page(SOUND, sample("development", auc=figure(0.9, 0.8, 1)),
                      sample("out_of_fold", auc=figure(0.7, 0.6, 0.8))),
    "few_bads": page(SOUND, card={"bads": 99, "characteristics": []}),
    "leak": page(SOUND, leaks=[{"measure": "sales_growth", "verdict": "suspect"},
                               {"measure": "not_used", "verdict": "suspect"}]),
    "too_low": page(sample("out_of_time", auc=figure(0.75, 0.7, 0.8), jeffreys_p=figure(0.01))),
    "too_high": page(sample("out_of_time", auc=figure(0.75, 0.7, 0.8), jeffreys_p=figure(0.99))),
    "miscalibrated": page(sample("out_of_time", auc=figure(0.75, 0.7, 0.8),
                                 hosmer_lemeshow_p=figure(0.01))),
    "shifted": page(SOUND, drift={"rows": [{"measure": "sales_growth", "psi": 0.3},
                                           {"measure": "margin", "psi": 0.2}]}),
    "adverse": page(SOUND, size=[group("micro", 0.6, 0.5, 0.7), group("large", 0.7, 0.5, 0.9)]),
}  # fmt: skip


@pytest.mark.parametrize("code", CASES)
def test_cautions_say_what_is_wrong_and_nothing_else(code: str) -> None:
    found = cautions(CASES[code])
    assert [f["code"] for f in found] == ([code] if code else [])
    for lang in ("zh", "en"):
        for f in found:
            words = caution(f, Cells(lang, {}, {}))
            assert "{" not in words
            assert bool(re.search(r"[\u4e00-\u9fff]", words)) == (lang == "zh")


def test_bins_are_named_by_their_edges() -> None:
    cells = Cells("en", {}, {})
    assert bins({"edges": [-0.05, 0.0625]}, cells) == ["≤ −0.05", "−0.05 … 0.0625", "> 0.0625"]
    assert bins({"edges": []}, cells) == ["any value"]
    assert bins({"levels": [["a", "b"], ["c"]]}, cells) == ["a, b", "c"]
