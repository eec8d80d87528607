"""Exchanged money as the auditor meets it: pages, paths and files that add up, loss and gain."""

from collections import Counter
from contextlib import closing
from datetime import date

import httpx
import pyarrow.parquet as pq
import pytest

import liandong as ld
from liandong import trace
from liandong.console.tracing.dossier import dossier, evidence
from liandong.schema.arrow import build
from support.flows import account_table, flow_table
from support.site import Site, serving

LINES = (
    "bank A 20000 disbursement loan=L", "A U 10000 got=1400", "U B 700 got=4800",
    "U C 700 got=5300", "bank U 9900 disbursement loan=D got=1400",
)  # fmt: skip
"""Of 100 yuan in dollars one half comes back as 48 yuan (2 lost), the other as 53 (3 gained)."""
METHODS = ("fifo", "haircut")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    location = tmp_path_factory.mktemp("fx") / "t.board"
    with closing(ld.open(location, actor="ann")) as board:
        accounts = account_table(bank=0, A=0, U=(0, "current", None, "USD"), B=0, C=0)
        n = 2
        loan = build("loan", {
            "loan_id": ["L", "D"], "party_id": ["A", "U"], "lender_id": ["bank"] * n,
            "account_id": ["A", "U"], "amount": [20000, 1400], "rate": [45_000] * n,
            "start": [date(2020, 1, 1)] * n, "term_months": [12] * n, "status": ["current"] * n,
        })  # fmt: skip
        board.put("hand", {"flow": flow_table(*LINES), "bank_account": accounts, "loan": loan})
        for method in METHODS:
            board.run(trace.follow, method=method)
        board.run(trace.reconcile)
        with serving(location) as url, httpx.Client(timeout=30) as client:
            yield Site(url, board, client)


@pytest.mark.parametrize("method", METHODS)
def test_the_sheet_and_the_places_add_up(site, method) -> None:
    told = site.json(f"/trace/L?method={method}")
    assert (told["sheet"]["held"], told["sheet"]["fx"]) == (20100, -100)
    assert told["sheet"]["difference"] == told["traced"]["difference"] == 0
    held = {r["place"]: r["amount"] for r in told["holdings"]["rows"]}
    assert held == {"A": 10000, "B": 4800, "C": 5300, "fx": -100}
    assert site.json(f"/trace/D?method={method}")["sheet"]["currency"] == "USD"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("way", ["step", "day"])
def test_no_band_is_less_than_nothing_and_all_add_up(site, method, way) -> None:
    flow = site.json(f"/trace/L?method={method}&by={way}")["flow"]
    came, went = Counter(), Counter()
    for band in flow["bands"]:
        assert band["amount"] > 0
        went[band["source"]] += band["amount"]
        came[band["target"]] += band["amount"]
    for i, node in enumerate(flow["nodes"]):
        assert node["amount"] == went[i] + node["left"]
        assert came[i] in {0, node["amount"]}
    left = Counter()
    for node in flow["nodes"]:
        left[node["place"]] += node["left"]
    assert +left == {"A": 10000, "B": 4800, "C": 5300, "fx": 200}


def test_each_currency_has_sums_of_its_own(site) -> None:
    for method in METHODS:
        sums = {s["currency"]: s for s in site.json(f"/trace?method={method}")["sums"]}
        assert list(sums) == ["CNY", "USD"]
        assert (sums["CNY"]["disbursed"], sums["USD"]["disbursed"]) == (20000, 1400)
        assert [s["difference"] for s in sums.values()] == [0, 0]
        assert site.json(f"/trace?method={method}&currency=USD")["rows"][0]["loan_id"] == "D"
    home = site.json("/")["trace"]
    assert home["sums"] == [
        {"currency": "CNY", "traced": 20000}, {"currency": "USD", "traced": 1400},
    ]  # fmt: skip
    for lang in ("zh", "en"):
        assert "14.00 USD" in site.get("/", lang=lang).text
        assert "14.00 USD" in site.get("/trace", lang=lang).text


@pytest.mark.parametrize(("lang", "name"), [("zh", "汇兑差额"), ("en", "difference of exchange")])
def test_the_page_names_the_difference(site, lang, name) -> None:
    for method in METHODS:
        page = site.get(f"/trace/L?method={method}", lang=lang)
        assert page.status_code == 200
        assert name in page.text
    assert "USD" in site.get("/trace/D", lang=lang).text


@pytest.mark.parametrize("method", METHODS)
def test_paths_and_files_add_up(site, tmp_path, method) -> None:
    for place, want in (("", 20000), ("fx", -100), ("B", 4800), ("C", 5300)):
        assert evidence(site.board, "L", place, method)[2] == want
    files = {p.name: p for p in dossier(site.board, "L", tmp_path, "en", method, report=False)}
    rows = pq.read_table(files["trail.parquet"]).to_pylist()
    assert [(r["amount"], r["fx"], r["converted"]) for r in rows] == [
        (20000, None, None), (10000, None, 1400), (5000, 200, None), (5000, -300, None),
    ]  # fmt: skip
    rules = pq.read_table(files["rules.parquet"]).to_pylist()
    assert {r["place"]: r[method] for r in rules}["fx"] == -100
