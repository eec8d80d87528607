"""Holders of listed companies: by code, dated from list to list, doubles named."""

from datetime import date

import pytest

from liandong import trace
from liandong.load import load
from liandong.types import Rate
from support.data import dataset

HEAD = "ts_code,ann_date,end_date,holder_name,hold_amount,hold_ratio,holder_kind\n"
ROWS = (
    "1.SH,20201030,20200930,乙股份有限公司,5,12.5,organisation\n"
    "1.SH,20201030,20200930,自然人a,5,2,natural_person\n"
    "1.SH,20201031,20200930,自然人a,5,2.01,natural_person\n"
    "1.SH,20201120,20201118,自然人a,5,3,natural_person\n"
    "9.SZ,20201120,20201118,自然人b,5,abc,natural_person\n"
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "top_holders_2020q3.csv").write_text(HEAD + ROWS, "utf-8")
    (tmp_path / "listed_companies.csv").write_text(
        "companyId,name,area,industry,fullname,listDate,label\n"
        "1.SH,甲,x,y,甲股份有限公司,1991-04-03,Company\n"
        "2.SZ,乙,x,y,乙股份有限公司,1991-04-03,Company\n",
        "utf-8",
    )
    return tmp_path


def test_lists_of_holders_become_shares(folder):
    found = load("ashare_holders", folder)
    rows = {(r["src"], str(r["valid_from"])): r for r in found.tables["edge"].to_pylist()}
    assert rows["2.SZ", "2020-09-30"]["share"] == 125_000  # a listed company by its code
    assert str(rows["2.SZ", "2020-09-30"]["valid_to"]) == "2020-11-17"
    assert rows["自然人a", "2020-09-30"]["share"] == 20_100  # as announced last
    assert rows["自然人a", "2020-11-18"]["valid_to"] is None
    codes = [(r["row"], r["code"]) for r in found.errors.to_pylist()]
    assert sorted(codes) == [(3, "duplicate"), (6, "not_rate")]
    kinds = {r["party_id"]: r["kind"] for r in found.tables["party"].to_pylist()}
    assert kinds == {
        "1.SH": "firm", "2.SZ": "firm", "自然人a": "person", "自然人b": "person", "9.SZ": "firm",
    }  # fmt: skip


def test_real_holders_are_looked_through():
    tables = load("ashare_holders", dataset("ashare_holders_2020")).tables
    out = trace.owners(tables["edge"], tables["party"], on=date(2020, 12, 31), least=Rate(1_000))
    total = {r["party_id"]: r for r in out["ownership_total"].to_pylist()}
    assert len(total) == 670
    for r in total.values():
        parts = ("listed", "small", "unknown", "locked", "rounding")
        assert sum(r[p] for p in parts) == 1_000_000
    # One company is among its own ten largest holders: its other owners own that part, too.
    assert {k: r["circular"] for k, r in total.items() if r["core_size"]} == {"000540.SZ": 4_500}
    held = next(
        r
        for r in out["ownership"].to_pylist()
        if r["measure"] == "economic"
        and (r["holder_id"], r["party_id"]) == ("金世旗国际控股股份有限公司", "000540.SZ")
    )
    assert held["share"] == round(461_700 / (1 - 0.0045))
