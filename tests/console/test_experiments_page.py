"""The page of experiments with policy: its twin says what the board holds, both languages read."""

import csv
import io
import json

from liandong.console.cells import Cells
from liandong.console.experimentpictures import terms, told
from liandong.console.pages.experiments import MEASURES
from liandong.match.experiment import effects
from support.site import Site


def test_effects_are_shown_as_they_are_held(site: Site) -> None:
    twin = site.json("/experiments")
    arms = [a["name"] for a in twin["arms"]]
    assert arms == ["in_force", "cover", "ceiling"]
    assert set(MEASURES) == set(effects.MEASURES)
    assert len(twin["effects"]) == len(arms) * len(MEASURES)
    periods = twin["experiment"]["periods"]
    assert len(twin["course"]) == periods * len(twin["effects"])
    held = site.sql("SELECT * FROM experiment_effect WHERE period = 0 AND arm = 'cover'")
    shown = {r["measure"]: r for r in twin["effects"] if r["arm"] == "cover"}
    assert all(shown[r["measure"]]["value"] == r["value"] for r in held)
    (told,) = (v for v in twin["verdicts"] if v["arm"] == "cover")
    assert all(shown[n]["verdict"] == k for k in ("more", "less", "unclear") for n in told[k])


def test_no_fen_is_lost_on_the_page(site: Site) -> None:
    twin = site.json("/experiments")
    rows = twin["replications"]
    assert len(rows) == 3 * twin["experiment"]["periods"] * twin["experiment"]["replications"]
    for r in rows:
        back = r["repaid"] + r["recovered"] + r["guaranteed"]
        assert r["opening"] + r["added"] - r["lent"] + back == r["closing"]
    sheet = site.get("/experiments?format=csv&block=replications").text.removeprefix("\ufeff")
    assert [int(r["lent"]) for r in csv.DictReader(io.StringIO(sheet))] == [r["lent"] for r in rows]


def test_policies_and_assumptions_are_told_in_words(site: Site) -> None:
    english, chinese = (site.get("/experiments", lang=lang).text for lang in ("en", "zh"))
    assert "all products · Guarantee cover 80%" in english
    assert "one factor, Vasicek" in english
    assert "这是模型上的试验，不是预测" in chinese
    assert "担保八成" in chinese
    assert english.count('class="band s1"') == 6
    terms = json.loads(site.json("/experiments")["experiment"]["terms"])
    assert terms["replications"] == 6


def test_what_is_not_there_is_refused_and_an_empty_board_says_what_to_do(
    site: Site, empty_site: Site
) -> None:
    assert site.get("/experiments?experiment=none").status_code == 400
    assert "liandong run match.experiment" in empty_site.get("/experiments").text


def test_every_kind_of_term_has_words() -> None:
    arm = {
        "limits": [{"name": "west", "of": {}, "least_share": "20%"}],
        "terms": [{"product_id": "K001", "subsidy_rate": "1%"}],
        "capacities": [{"product_id": "", "share": "120%"}],
        "bans": [{"name": "mining", "basis": "draft"}],
    }
    found = terms(arm, Cells("en", {}, {}))
    assert found[0] == "west ≥ 20%"
    assert found[1].startswith("K001 · ")
    assert found[1].endswith("1%")
    assert found[2] == "all products · Capacity 120%"
    assert found[3] == "negative list: mining (draft)"
    assert "负面清单：mining（draft）" in terms(arm, Cells("zh", {}, {}))


def test_differences_of_shares_are_points() -> None:
    c = Cells("en", {}, {})
    assert told(12_300.0, "share", c) == "1.23%"
    assert told(12_300.0, "share", c, change=True) == "+1.23 pp"
    assert told(-5.0, "count", c, change=True) == "−5.0"
    assert told(None, "money", c) == "–"
