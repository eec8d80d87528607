"""The data twins: every page answers in JSON what it shows, and it agrees with the board."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from liandong.console.query import PAGE_ROWS
from support.addresses import FIRM, every_page, score_row
from support.boards import HOLDINGS, HOSTILE, HOSTILE_ID, LOAN, MOVES, PARTNER
from support.site import Site


def test_every_page_has_a_twin(site: Site) -> None:
    for path in every_page(site):
        assert isinstance(site.json(path), dict), path


def test_home_counts_what_is_there(site: Site) -> None:
    home = site.json("/")
    scores = site.board.table("score").rows()
    newest = max(s["as_of"] for s in scores)
    shown = sum(g["count"] for g in home["assess"]["grades"])
    assert shown == sum(s["as_of"] == newest for s in scores)
    offer = site.sql("SELECT count(*) n, sum(amount)::BIGINT a FROM offer WHERE amount > 0")[0]
    assert (home["match"]["accepted"], home["match"]["allocated"]) == (offer["n"], offer["a"])
    yuan = "sum(amount) FILTER (unit = 'CNY')::BIGINT"
    entry = site.sql(f"SELECT count(*) n, {yuan} a FROM entry")[0]
    assert (home["settle"]["entries"], home["settle"]["booked"]) == (entry["n"], entry["a"])
    going_on = [a for a in site.board.table("alert").rows() if a["state"] != "closed"]
    assert sum(home["watch"].values()) == len(going_on) > 1
    assert home["trace"]["loans"] == home["trace"]["reconciled"] > 1
    survey = home["survey"]
    assert survey["total"] == pytest.approx(survey["between"] + survey["within"], rel=1e-12)
    assert home["govern"]["head"] == site.board.log.head()
    assert home["refused"] == [{"file": "firms.csv", "count": 2}]


def test_the_wall_shows_subjects_with_their_alerts(site: Site) -> None:
    wall = site.json("/alerts")
    going_on = [a for a in site.board.table("alert").rows() if a["state"] != "closed"]
    pages = 1 + (wall["total"] - 1) // PAGE_ROWS
    rows = [s for n in range(pages) for s in site.json(f"/alerts?page={n + 1}")["rows"]]
    shown = {a["alert_id"]: s["party_id"] for s in rows for a in s["alerts"]}
    assert shown == {a["alert_id"]: a["party_id"] for a in going_on}
    assert wall["total"] == len(rows) == len(set(shown.values()))
    assert wall["states"][""] == sum(wall["levels"].values()) == len(going_on)
    grave = ["red", "orange", "yellow"]
    levels = [grave.index(s["level"]) for s in rows]
    assert levels == sorted(levels)
    assert {s["level"] for s in site.json("/alerts?level=red")["rows"]} == {"red"}
    assert {s["party_id"] for s in site.json("/alerts?code=%3Cb%3E")["rows"]} == {HOSTILE_ID}
    assert site.json("/alerts?on=2024-06-29&code=%3Cb%3E")["rows"] == []  # nobody knew yet
    (then,) = site.json("/alerts?on=2024-06-30&code=%3Cb%3E")["rows"]
    assert then["alerts"][0]["alert_id"] == "HAL"
    assert site.json("/alerts?state=snoozed")["total"] == 0


def test_a_map_of_all_provinces(site: Site) -> None:
    tiles = {t["region_id"]: t for t in site.json("/?measure=gdp_per_head")["map"]["tiles"]}
    assert len(tiles) == 34
    # 4,376.07 billion yuan among 21.86 million people
    assert tiles["110000"]["value"] == round(43760.7e8 / 2186e4 * 100)
    assert tiles["110000"]["shade"] == 5
    assert tiles["710000"]["value"] is None
    assert tiles["710000"]["shade"] == 0
    lent = site.json("/?measure=lent")["map"]["tiles"]
    assert sum(t["value"] or 0 for t in lent) == site.json("/")["match"]["allocated"]


def test_reasons_add_up_to_the_points(site: Site) -> None:
    score = site.json("/firm/F000012")["score"]
    assert score["base"] + sum(r["points"] for r in score["reasons"]) == score["points"]


def test_invoices_of_a_firm_by_side_and_status(site: Site) -> None:
    firm = site.json(FIRM)
    january, february, *quiet = firm["months"]
    assert not any(m["count"] for m in quiet)  # up to the day of the score
    assert january["sales_valid"] == 1_000_00
    assert january["sales_void"] == 9_000_00
    assert february["sales_red"] == -500_00
    assert february["purchases_valid"] == 700_00
    # void invoices are nobody's business: H3, who only has one, is no buyer
    assert {b["party_id"]: b["net"] for b in firm["buyers"]} == {"H2": 1_000_00, PARTNER: -500_00}


def test_somebody_known_from_invoices_only(site: Site) -> None:
    firm = site.json(f"/firm/{PARTNER}")
    assert not firm["known"]
    assert [m["purchases_red"] for m in firm["months"]] == [-500_00]


def test_time_goes_back(site: Site) -> None:
    assert len(site.json(f"{FIRM}?on=2024-01-31")["months"]) == 1
    assert site.json("/firms?on=2000-01-01")["as_of"] is None


def test_a_loan_is_reconciled_to_the_fen(site: Site) -> None:
    loan = site.json(f"/trace/{LOAN}")
    found = loan["sheet"]
    assert found["disbursed"] == MOVES[0][2]
    assert found["difference"] == 0
    assert found["repaid"] == HOLDINGS["BANK"]
    held = loan["holdings"]["rows"]
    places = {h["place"].replace(f"repaid:{LOAN}", "BANK"): h["amount"] for h in held}
    assert places == HOLDINGS
    assert [(r["src_account"], r["dst_account"], r["taint"]) for r in loan["rows"]] == MOVES
    nodes, bands = loan["flow"]["nodes"], loan["flow"]["bands"]
    assert sum(n["left"] for n in nodes) == MOVES[0][2]
    assert sum(b["amount"] for b in bands) == sum(m[2] for m in MOVES)
    assert any(b["back"] for b in bands)
    only = site.json(f"/trace/{LOAN}?account=A1")
    assert only["total"]["n"] == sum("A1" in m[:2] for m in MOVES)


def test_offers_agree_with_the_allocation(site: Site) -> None:
    offers = site.json("/offers")
    total = site.json("/desk")["allocation"]
    assert sum(g["amount"] for g in offers["grades"]) == total["used"]
    refused = site.json("/offers?state=refused")
    assert all(r["amount"] == 0 and r["verdict"] for r in refused["rows"])
    assert refused["total"] + site.json("/offers?state=offered")["total"] == offers["total"]


def test_both_sides_of_the_books_are_equal(site: Site) -> None:
    balances = site.json("/books")["balances"]
    assert sum(b["debited"] for b in balances) == sum(b["credited"] for b in balances) > 0
    assert sum(b["balance"] for b in balances) == 0


@pytest.mark.parametrize(
    ("given", "condition"),
    [
        ("region=330000", "starts_with(region_id, '33')"),
        ("region=belt:east", "region_id IN (SELECT region_id FROM region WHERE belt = 'east')"),
        ("industry=C", "starts_with(industry, 'C')"),
        ("industry=C39&region=310000", "industry = 'C39' AND region_id = '310000'"),
        ("q=f00001", "contains(lower(party_id), 'f00001')"),
    ],
)
def test_filters_choose_firms(site: Site, given: str, condition: str) -> None:
    query = f"SELECT count(*) n FROM party WHERE kind = 'firm' AND {condition}"
    wanted = site.sql(query)[0]["n"]
    assert 0 < wanted == site.json(f"/firms?{given}")["total"]


def test_names_are_found_whatever_they_hold(site: Site) -> None:
    found = site.json(f"/firms?q={quote(HOSTILE)}")
    assert [r["name"] for r in found["rows"]] == [HOSTILE]


def test_a_list_goes_on_where_the_page_before_ended(site: Site) -> None:
    first, second = (site.json(f"/firms?sort=risk&page={n}")["rows"] for n in (1, 2))
    pds = [r["pd"] for r in first + second]
    assert pds == sorted(pds, reverse=True)
    assert not {r["party_id"] for r in first} & {r["party_id"] for r in second}
    assert site.json("/firms?page=9999")["rows"] == []


def test_tables_sort_and_filter(site: Site) -> None:
    voids = site.json("/table/invoice?f.status=void")
    assert (
        voids["total"] == site.sql("SELECT count(*) n FROM invoice WHERE status = 'void'")[0]["n"]
    )
    assert {r["status"] for r in voids["rows"]} == {"void"}
    nets = [r["net"] for r in site.json("/table/invoice?sort=net&down=1")["rows"]]
    assert nets == sorted(nets, reverse=True)


def test_a_run_names_what_it_read_and_who_made_it(site: Site) -> None:
    run = next(r for r in site.board.runs() if r.step == "match.allocate")
    shown = site.json(f"/run/{run.run_id}")
    assert {i["step"] for i in shown["inputs"] if i["name"] == "quote"} == {"match.quote"}
    assert shown["rule"]["toml"]
    assert [a["action"] for a in shown["acts"]] == ["run.start", "run.done"]
    offers = next(o for o in shown["outputs"] if o["name"] == "offer")
    assert offers["current"] is True
    assert offers["rows"] == len(site.board.table("offer"))
    assert site.json(f"/run/{run.run_id[:9]}")["run"]["run_id"] == run.run_id


def test_a_row_names_its_run_and_reasons(site: Site) -> None:
    row = site.json(score_row(site))
    assert row["run"]["step"] == "assess.score"
    assert row["reasons"] == row["row"]["reasons"]
    assert "assess.features" in {r["step"] for runs in row["inputs"].values() for r in runs}


def test_sources_are_the_runs_that_made_the_table(site: Site) -> None:
    steps = {r.run_id: r.step for r in site.board.runs()}
    sources = site.json("/")["sources"]
    assert [steps[r] for r in sources["offer"]] == ["match.allocate"]
    assert {steps[r] for r in sources["party"]} == {"load.world", "load.put"}
    assert {steps[r] for r in sources["alert"]} == {"watch.episodes", "load.put"}


def test_threads_do_not_disturb_each_other(site: Site) -> None:
    # A trial is worked out meanwhile: its page says first that it is, and then what came out.
    pages = [p for p in every_page(site) if "budget=" not in p][:24]
    alone = [json.dumps(site.json(p)) for p in pages]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda p: json.dumps(site.json(p)), pages * 2))
    assert together == alone * 2


def test_an_empty_board_answers_everywhere(empty_site: Site) -> None:
    for path in ("/", "/firms", "/desk", "/offers", "/books", "/alerts", "/trace", "/regions",
                 "/map", "/compare", "/acts", "/runs", "/jobs", "/start", "/tables",
                 "/table/invoice"):  # fmt: skip
        for lang in ("zh", "en"):
            assert empty_site.get(path, lang=lang).status_code == 200, path
        assert empty_site.json(path) is not None
