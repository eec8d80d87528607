"""The pages of agreements: checked while they are written, tried, proposed and approved by two."""

from urllib.parse import quote, urlencode

import httpx
import pytest

import liandong as ld
from liandong.govern.versions import AGREEMENT
from liandong.loop import AGREEMENTS
from liandong.schema.arrow import build
from liandong.store.asking import signed
from support.site import Site, serving

TEXT = """agreement pact { unit CNY/2; parties host, home; valid 2026-01-01..2027-12-31
  base yearly = tax
  tier <= 1_000.00 { host 1/2; home 1/2 }
  tier rest { host 1/5; home 4/5 } }"""


def asked(name: str = "new", **values: object) -> str:
    return f"/agreement/{name}?{urlencode({'text': TEXT, **values})}"


def test_agreements_of_the_board_are_listed_with_their_clauses(site: Site) -> None:
    twin = site.json("/agreements")
    rows = {r["agreement"]: r for r in twin["rows"]}
    assert set(rows) >= {a["name"] for a in AGREEMENTS}
    assert [k["clause"] for k in rows["park"]["clauses"]] == ["tax", "gdp"]
    assert rows["park"]["stage"] == "in_force"
    assert rows["park"]["parties"] == {"host": "340000", "home": "310000"}
    assert site.json("/agreements?stage=ended")["rows"] == []
    page = site.get("/agreement/park")
    assert "Agreement tax on shares in CNY" in page.text
    assert "《tax》分成协议" in site.get("/agreement/park", lang="zh").text
    assert site.get("/agreement/none").status_code == 404


@pytest.mark.browser
def test_versions_are_read_on_a_telephone(look) -> None:
    page = look("/agreement/park", width=390).page
    row = page.locator(".versions tbody tr").first
    assert row.locator(".changes").inner_text().startswith("+ agreement tax")
    inside = page.locator(".versions").bounding_box()
    for cell in row.locator("td").all():
        box = cell.bounding_box()
        assert inside["x"] <= box["x"]
        assert box["x"] + box["width"] <= inside["x"] + inside["width"]


def test_years_are_tried_and_every_fen_is_told(site: Site) -> None:
    twin = site.json(asked(**{"b.tax": "2_000.00", "growth": "50%"}))
    # 2,000 a year later 3,000: 500 + 200 and 500 + 800; 500 + 400 and 500 + 1,600.
    assert twin["clauses"] == [
        {
            "clause": "pact", "unit": "CNY", "places": 2, "parties": ["host", "home"],
            "years": [
                {"year": "2026", "shares": {"host": 700_00, "home": 1_300_00}, "total": 2_000_00},
                {"year": "2027", "shares": {"host": 900_00, "home": 2_100_00}, "total": 3_000_00},
            ],
        }
    ]  # fmt: skip
    first = next(x for x in twin["shares"] if (x["party"], x["period"]) == ("host", "2026"))
    assert [(c["code"], c["points"]) for c in first["reasons"]] == [
        ("settle.tier(1)", 500_00), ("settle.tier(2)", 200_00),
    ]  # fmt: skip
    assert "tier 2 gives 200.00" in site.get(asked(**{"b.tax": "2_000.00"})).text
    supposed = site.json(asked())["inputs"]
    assert [(i["base"], i["amount"], i["source"]) for i in supposed] == [
        ("tax", 1_000_00, "supposed")
    ]
    beyond = {"b.tax": "9_000_000_000_000.00", "growth": "1_000_000%"}
    assert "grow beyond what can be counted" in site.get(asked(**beyond)).text
    sheet = site.get(asked(format="csv", block="shares")).text
    assert sheet.count("\n") == 1 + 2 * 2


@pytest.mark.parametrize(
    ("old", "new", "place", "words", "fails"),
    [
        ("home 4/5", "home 3/5", (4, 3), "the portions add up to 4/5", "portions"),
        ("tier <= 1_000.00", "tier <= 0", (3, 3), "overlaps", "tiers"),
        ("base yearly", "bass yearly", (2, 3), "is needed here", None),
        ("} }", "} cap host 5 per year excess to host }", (4, 36), "circle", "ends"),
        ("} }", "} floor host 9.00 per year paid by home up to 1.00 }", (4, 36), "nobody can pay",
         "floors"),
    ],
)  # fmt: skip
def test_mistakes_stand_at_their_line(site: Site, old, new, place, words, fails) -> None:
    twin = site.json(asked(text=TEXT.replace(old, new)))
    (fault,) = twin["checked"]["faults"]
    assert (fault["line"], fault["column"]) == place
    assert words in fault["en"]
    assert fault["shown"] in TEXT.replace(old, new)
    assert fault["mark"].index("^") == place[1] - 1
    failed = [p["check"] for p in twin["proved"] if p["holds"] is False]
    assert failed == ([fails] if fails else [])
    assert all(p["holds"] is None for p in twin["proved"] if not fails)
    assert twin["clauses"] == []
    assert site.get(asked(text=TEXT.replace(old, new)), lang="zh").status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"b.tax": "much"}, {"growth": "x"}, {"parties": "host"}, {"growth": "1/0"}]
)
def test_amounts_that_are_none_are_told(site: Site, wrong) -> None:
    twin = site.json(asked(**wrong))
    assert twin["checked"]["state"] == "refused"
    assert twin["checked"]["zh"]
    assert twin["shares"] == []


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("LIANDONG_ACTOR", "ann")
    with ld.open(tmp_path / "o.board", actor="ann") as board:
        rows = {"base": ["tax"] * 2, "party_id": ["R1"] * 2, "unit": ["CNY"] * 2,
                "period": ["2025", "2026-01"], "amount": [700_00, 9_00]}  # fmt: skip
        board.put("b", {"base_amount": build("base_amount", rows)})
        with serving(tmp_path / "o.board") as url, httpx.Client(timeout=30) as client:
            yield Site(url, board, client)


def post(site: Site, path: str, **form: str) -> httpx.Response:
    return site.browser.post(site.url + path, data=form, headers={"origin": site.url})


def test_a_version_is_proposed_by_one_and_approved_by_another(own: Site) -> None:
    assert post(own, "/agreements/begin", agreement="协议 1").headers["location"].endswith("?new=1")
    assert post(own, "/agreements/begin", agreement="a/b").status_code == 400  # it has an address
    room = f"/agreement/{quote('协议 1')}"
    assert own.json(f"{room}?new=1")["draft"]["text"].startswith("agreement NAME {")
    given = {"text": TEXT, "parties": "host=R1, home=R2"}
    assert post(own, f"{room}/propose", **given).status_code == 400  # nobody says why
    assert post(own, f"{room}/propose", **{**given, "text": "x"}, reason="r").status_code == 400
    assert post(own, f"{room}/propose", **given, reason="first").status_code == 303
    twin = own.json(room)
    assert (twin["stage"], twin["versions"][0]["state"]) == ("draft", "open")
    assert twin["inputs"][0]["amount"] == 700_00  # the last whole year of the board
    assert [r["stage"] for r in own.json("/agreements")["rows"]] == ["draft"]
    case = twin["versions"][0]["case_id"]
    assert post(own, f"{room}/decide", case=case, decision="approve").status_code == 403
    assert signed(own.board.store) == []
    assert 'value="withdraw"' in own.get(room).text
    assert post(own, f"{room}/decide", case=case, decision="withdraw").status_code == 303
    assert own.json(room)["versions"][0]["state"] == "withdrawn"
    assert post(own, f"{room}/propose", **given, reason="first").status_code == 303
    own.board.acting("bob").approve(case)
    assert own.json(room)["stage"] == "in_force"
    assert [(a["name"], a["parties"], a["version"]) for a in signed(own.board.store)] == [
        ("协议 1", {"host": "R1", "home": "R2"}, 1)
    ]
    changed = TEXT.replace("1/5", "2/5").replace("4/5", "3/5")
    post(own, f"{room}/propose", text=changed, parties="host=R1, home=R2", reason="<b>")
    newest = own.json(room)["versions"][0]
    assert [c["sign"] for c in newest["changes"]] == ["-", "+"]
    assert "&lt;b&gt;" in own.get(room).text
    assert own.board.check() == []


def test_powers_are_asked(own: Site) -> None:
    own.board.powers.add(
        [{"power_id": "P", "holder": "zhao", "action": f"propose.{AGREEMENT.action}"}], []
    )
    refused = post(own, "/agreement/a/propose", text=TEXT, reason="r")
    assert refused.status_code == 403
    assert {v["state"] for v in own.board.rule_versions("a", AGREEMENT)} <= {"open"}
    assert own.board.store.books.rows("case") == []


def test_it_is_checked_while_it_is_written(site: Site, look) -> None:
    seen = look(asked())
    seen.page.fill("textarea[name=text]", TEXT.replace("home 4/5", "home 3/5"))
    seen.page.wait_for_selector("#tried .faults")
    assert "add up to 4/5" in seen.page.inner_text("#tried")
    seen.page.fill("textarea[name=text]", TEXT)
    seen.page.wait_for_selector("#tried svg.drawing")
    seen.page.fill("[name='b.tax']", "2_000.00")
    seen.page.wait_for_selector("#tried td:has-text('1,300.00')", state="attached")
    assert seen.page.evaluate("document.activeElement.name") == "b.tax"
    assert seen.faults == []
