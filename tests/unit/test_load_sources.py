"""The named sources on small folders made here: layouts, wrong rows, what is left out."""

from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liandong.errors import DataError
from liandong.load import load
from liandong.load.nbs import read as read_nbs


def rows(loaded, table):
    return loaded.tables[table].to_pylist()


def told(loaded):
    return [(e["file"], e["row"], e["field"], e["code"]) for e in loaded.errors.to_pylist()]


# ── CUMCM 2020 C ────────────────────────────────────────────────────────────────────────────────


def cumcm(folder, purchases, grades="A,0"):
    (folder / "enterprises_labelled.csv").write_text(f"ent,name,grade,default\nE1, 甲 ,{grades}\n")
    (folder / "enterprises_unlabelled.csv").write_text("ent,name\nE2,乙\n")
    (folder / "rate_vs_churn.csv").write_text(
        "annual_rate,churn_A,churn_B,churn_C\n0.04,0,0,0\n0.0425,0.0945741262057566,0.1,x\n"
    )
    names = ["ent", "invoice_no", "date", "counterparty", "amount", "tax", "valid"]
    for name, of in (
        ("purchase_labelled", purchases), ("purchase_unlabelled", OTHER_FIRM),
        ("sales_labelled", purchases[:1]), ("sales_unlabelled", OTHER_FIRM),
    ):  # fmt: skip
        data = pa.table(dict(zip(names, zip(*of, strict=True), strict=True)))
        pq.write_table(data, folder / f"invoices_{name}.parquet")
    return folder


DAY = datetime(2019, 5, 6)  # noqa: DTZ001 - files hold days without a zone
OTHER_FIRM = [("E2", 1, DAY, " C9", 1.5, 0.5, True)]
PURCHASES = [
    ("E1", 7, DAY, "A1", 100.1, 17.02, True),
    ("E1", 7, DAY, "A2", -100.1, -17.02, True),
    ("E1", 8, DAY, "A1", 5.0, 0.0, False),
    ("E1", 7, DAY, "A1", -5.0, 0.0, False),
    ("E1", 9, DAY, "A1", 0.005, 0.0, True),
]


def test_cumcm_invoices(tmp_path) -> None:
    loaded = load("cumcm2020c", cumcm(tmp_path, PURCHASES))
    kept = [(r["invoice_id"], r["seller"], r["buyer"], r["net"], r["status"])
            for r in rows(loaded, "invoice")[:5]]  # fmt: skip
    assert kept == [
        ("E1-P-7", "A1", "E1", 10010, "valid"),
        ("E1-P-7-2", "A2", "E1", -10010, "red"),
        ("E1-P-8", "A1", "E1", 500, "void"),
        ("E1-P-7-3", "A1", "E1", -500, "void"),
        ("E2-P-1", "C9", "E2", 150, "valid"),
    ]
    sale = rows(loaded, "invoice")[-1]
    assert (sale["invoice_id"], sale["seller"], sale["buyer"]) == ("E2-S-1", "E2", "C9")
    assert told(loaded) == [
        ("invoices_purchase_labelled.parquet", 5, "net (amount)", "not_money"),
        ("rate_vs_churn.csv", 3, "lost (churn_C)", "not_rate"),
    ]


def test_cumcm_the_rest(tmp_path) -> None:
    loaded = load("cumcm2020c", cumcm(tmp_path, PURCHASES[:1]))
    parties = [(p["party_id"], p["kind"], p["name"]) for p in rows(loaded, "party")]
    assert parties[1:] == [("E1", "firm", "甲"), ("E2", "firm", "乙")]
    assert parties[0][:2] == ("LENDER", "bank")
    assert [(s["measure"], s["value"], s["source"]) for s in rows(loaded, "signal")] == [
        ("default", 0.0, "bank"),
        ("grade", 1.0, "bank"),
    ]
    (project,) = rows(loaded, "project")
    assert (project["party_id"], project["need"], project["term_months"]) == ("E2", 10**8, 12)
    assert project["asked_on"] == date(2020, 2, 10)
    (product,) = rows(loaded, "product")
    assert (product["min_rate"], product["max_rate"], product["lgd"]) == (40_000, 150_000, 450_000)
    assert (product["min_amount"], product["max_amount"], product["step_amount"]) == (
        10**7, 10**8, 10**6,
    )  # fmt: skip
    assert (product["capacity"], product["funding_rate"]) == (10**10, 22_000)
    assert [(c["grade"], c["rate"], c["lost"]) for c in rows(loaded, "churn")] == [
        ("A", 40_000, 0), ("A", 42_500, 94_574), ("B", 40_000, 0), ("B", 42_500, 100_000),
        ("C", 40_000, 0),
    ]  # fmt: skip


def test_cumcm_labels_that_are_no_labels(tmp_path) -> None:
    loaded = load("cumcm2020c", cumcm(tmp_path, PURCHASES[:1], "E,maybe"))
    assert [t for t in told(loaded) if "labelled" in t[0]] == [
        ("enterprises_labelled.csv", 2, "value (default)", "not_float"),
        ("enterprises_labelled.csv", 2, "value (grade)", "not_float"),
    ]


def test_cumcm_columns(tmp_path) -> None:
    cumcm(tmp_path, PURCHASES)
    pq.write_table(pa.table({"ent": ["E1"]}), tmp_path / "invoices_sales_labelled.parquet")
    with pytest.raises(DataError, match="amount, counterparty, date, invoice_no"):
        load("cumcm2020c", tmp_path)
    (tmp_path / "rate_vs_churn.csv").unlink()
    with pytest.raises(DataError, match=r"lacks rate_vs_churn\.csv"):
        load("cumcm2020c", tmp_path)


# ── SBA ─────────────────────────────────────────────────────────────────────────────────────────

CASE = (
    "LoanNr_ChkDgt,Bank,State,BankState,NAICS,ApprovalDate,Term,NoEmp,NewExist,CreateJob,"
    "RetainedJob,FranchiseCode,UrbanRural,RevLineCr,LowDoc,ChgOffDate,ChgOffPrinGr,GrAppv,SBA_Appv,"
    "Default\n"
    "100,A BANK,CA,CA,532420,15074,36,1,1.0,0,2,1,0,Y,N,,0,30000,15000,0\n"
    "101,A BANK,CA,TX,0,15074,36,4,2.0,0,2,555,1,0,Y,16000,123.45,1000,750,1\n"
    "100,B BANK,CA,CA,532420,15074,36,1,1.0,0,2,1,0,Y,N,,0,30000,15000,0\n"
    "103,,CA,CA,532420,never,36,1,1.0,0,2,1,2,Y,N,,5,many,15000,1\n"
)


def test_sba_case(tmp_path) -> None:
    path = tmp_path / "sba_case.csv"
    path.write_text(CASE)
    loaded = load("sba", path)
    good = [(r["loan_id"], r["amount"], r["start"], r["status"]) for r in rows(loaded, "loan")]
    assert good == [
        ("SBA-100", 3_000_000, date(2001, 4, 9), "repaid"),
        ("SBA-101", 100_000, date(2001, 4, 9), "default"),
    ]
    (event,) = rows(loaded, "event")
    assert (event["party_id"], event["at"], event["amount"]) == (
        "SBA-101-firm", date(2003, 10, 22), 12345,
    )  # fmt: skip
    seen = {
        s["measure"]: s["value"] for s in rows(loaded, "signal") if s["party_id"] == "SBA-101-firm"
    }
    assert seen == {
        "amount_usd": 1000, "guaranteed_share": 0.75, "staff": 4, "jobs_created": 0,
        "jobs_retained": 2, "new_business": 1, "franchise": 1, "urban": 1, "low_doc": 1,
        "bank_at_home": 0,
    }  # fmt: skip
    assert {(s["period"], s["seen_at"]) for s in rows(loaded, "signal")} == {
        ("2001-04", date(2001, 4, 9))
    }
    banks = [p["party_id"] for p in rows(loaded, "party") if p["kind"] == "bank"]
    assert banks == ["SBA-BANK A BANK", "SBA-BANK B BANK", "SBA-BANK unknown"]
    assert ("sba_case.csv", 4, "loan_id", "duplicate") in told(loaded)
    assert {(t[1], t[2], t[3]) for t in told(loaded)} >= {
        (5, "start (approval_date)", "not_date"), (5, "amount (gr_appv)", "not_money"),
    }  # fmt: skip


# ── Berka ───────────────────────────────────────────────────────────────────────────────────────


def berka(folder):
    (folder / "client.csv").write_text(
        "client_id,birth_number,district_id\n1,706213,1\n2,450204,1\n3,459904,1\n"
    )
    (folder / "disp.csv").write_text(
        "disp_id,client_id,account_id,type\n1,1,10,OWNER\n2,2,10,DISPONENT\n3,2,11,OWNER\n"
    )
    (folder / "account.csv").write_text(
        "account_id,district_id,frequency,date\n10,1,X,930101\n11,1,X,930102\n12,1,X,930103\n"
    )
    (folder / "loan.csv").write_text(
        "loan_id,account_id,date,amount,duration,payments,status\n5,10,930705,96396,12,8033.0,B\n"
    )
    moves = [
        (1, 10, 930101, "PRIJEM", "VKLAD", 700.0, None, None, None),
        (2, 10, 930102, "VYDAJ", "PREVOD NA UCET", 3372.7, "UVER", "ST", 89597016.0),
        (3, 11, 930103, "PRIJEM", None, 1.5, "UROK", None, None),
        (4, 11, 930103, "VYBER", "VYBER", 20.0, " ", None, None),
        (5, 11, 930104, "VYDAJ", "VYBER", 14.6, "SLUZBY", None, None),
        (6, 11, 930104, "PRIJEM", "PREVOD Z UCTU", 9.0, "DUCHOD", "ST", 89597016.0),
        (7, 11, 930199, "PRIJEM", "PREVOD Z UCTU", 9.0, None, None, None),
    ]
    names = ["trans_id", "account_id", "date", "type", "operation", "amount", "k_symbol", "bank",
             "account"]  # fmt: skip
    pq.write_table(pa.table(dict(zip(names, zip(*moves, strict=True), strict=True))),
                   folder / "trans.parquet")  # fmt: skip
    return folder


def test_berka(tmp_path) -> None:
    loaded = load("berka", berka(tmp_path))
    flows = [
        (f["flow_id"], f["src_account"], f["dst_account"], f["amount"], f["kind"], f["loan_id"])
        for f in rows(loaded, "flow")
    ]
    assert flows == [
        ("BK-T1", "BK-CASH", "BK-10", 70000, "cash", None),
        ("BK-T2", "BK-10", "BK-ST-89597016", 337270, "repayment", "BK-L5"),
        ("BK-T3", "BK-INCOME", "BK-11", 150, "interest", None),
        ("BK-T4", "BK-11", "BK-CASH", 2000, "cash", None),
        ("BK-T5", "BK-11", "BK-INCOME", 1460, "fee", None),
        ("BK-T6", "BK-ST-89597016", "BK-11", 900, "transfer", None),
    ]
    born = {p["party_id"]: p["founded"] for p in rows(loaded, "party") if p["kind"] == "person"}
    assert born == {"BK-C1": date(1970, 12, 13), "BK-C2": date(1945, 2, 4)}
    (loan,) = rows(loaded, "loan")
    assert (loan["party_id"], loan["account_id"], loan["amount"]) == ("BK-C1", "BK-10", 9639600)
    assert (loan["start"], loan["status"], loan["term_months"]) == (date(1993, 7, 5), "default", 12)
    accounts = {a["account_id"]: a["party_id"] for a in rows(loaded, "bank_account")}
    assert accounts == {
        "BK-10": "BK-C1", "BK-11": "BK-C2", "BK-CASH": "BK-BANK", "BK-INCOME": "BK-BANK",
        "BK-ST-89597016": "BK-BANK-ST",
    }  # fmt: skip
    assert told(loaded) == [
        ("account.csv", 4, "party_id", "missing"),  # nobody owns it
        ("client.csv", 4, "founded (birth_number)", "not_date"),
        ("trans.parquet", 7, "at (date)", "not_time"),
        ("trans.parquet", 7, "src_account", "missing"),  # from nobody
    ]


# ── AMLSim ──────────────────────────────────────────────────────────────────────────────────────


def test_amlsim_graph(tmp_path) -> None:
    nodes = {"nodeid": [0, 1], "isFraud": [0, 1], "init_balance": [184.44, 175.8]}
    pq.write_table(pa.table(nodes), tmp_path / "nodes.parquet")
    moves = {"sourceNodeId": [0], "targetNodeId": [1], "value": [147.8], "time": [3]}
    pq.write_table(pa.table(moves), tmp_path / "transactions.parquet")
    loaded = load("amlsim", tmp_path, base="2020-01-01")
    (flow,) = rows(loaded, "flow")
    assert (flow["src_account"], flow["dst_account"]) == ("AML-0", "AML-1")
    assert (flow["amount"], flow["at"].date(), flow["seq"]) == (14780, date(2020, 1, 4), 1)
    balances = [a["opening_balance"] for a in rows(loaded, "bank_account")]
    assert balances == [18444, 17580]
    assert not len(loaded.errors)


def test_amlsim_logs(tmp_path) -> None:
    (tmp_path / "accounts.csv").write_text(
        "ACCOUNT_ID,PRIMARY_CUSTOMER_ID,init_balance\n5,C_5,1\n6,C_6,2\n"
    )
    (tmp_path / "tx.csv").write_text(
        "TXN_ID,ACCOUNT_ID,COUNTER_PARTY_ACCOUNT_NUM,TXN_SOURCE_TYPE_CODE,tx_count,"
        "TXN_AMOUNT_ORIG,start,end\n2,5,6,WIRE,1,125.05,1,1\n4,5,6,WIRE,1,x,soon,1\n"
    )
    (tmp_path / "cash_tx.csv").write_text(
        "TXN_ID,ACCOUNT_ID,BRANCH_ID,TXN_SOURCE_TYPE_CODE,tx_count,TXN_AMOUNT_ORIG,RUN_DATE,end\n"
        "1,0,6,CASH-OUT,1,9.5,1,1\n3,5,0,CASH-IN,1,7,2,2\n"
    )
    loaded = load("amlsim", tmp_path)
    flows = {f["flow_id"]: (f["src_account"], f["dst_account"], f["kind"])
             for f in rows(loaded, "flow")}  # fmt: skip
    assert flows == {
        "AML-T2": ("AML-5", "AML-6", "transfer"),
        "AML-T1": ("AML-6", "AML-CASH", "cash"),
        "AML-T3": ("AML-CASH", "AML-5", "cash"),
    }
    assert told(loaded) == [
        ("tx.csv", 3, "amount (TXN_AMOUNT_ORIG)", "not_money"),
        ("tx.csv", 3, "at", "not_time"),
    ]


# ── NBS ─────────────────────────────────────────────────────────────────────────────────────────

WIDE = """数据库：分省年度数据
指标：地区生产总值(亿元)
时间：最近3年
地区,2023年,2022年,2021年
北京市,43760.7,41610.9,
上海,47218.7,4.5 万,1
某某省,1,2,3
注：2023年为初步核算数。
数据来源：国家统计局
"""


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_nbs_export(tmp_path, encoding) -> None:
    path = tmp_path / "分省年度数据.csv"
    path.write_bytes(WIDE.encode(encoding))
    loaded = load("nbs", tmp_path)
    found = [
        (s["region_id"], s["period"], s["measure"], s["vintage"], s["value"], s["unit"])
        for s in rows(loaded, "region_stat")
    ]
    assert found == [
        ("110000", "2023", "gdp", "revised", 43760.7, "亿元"),
        ("310000", "2023", "gdp", "revised", 47218.7, "亿元"),
        ("110000", "2022", "gdp", "revised", 41610.9, "亿元"),
        ("310000", "2021", "gdp", "revised", 1.0, "亿元"),
    ]
    assert {s["source"] for s in rows(loaded, "region_stat")} == {"国家统计局"}
    assert told(loaded) == [
        (path.name, 6, "value (2022年)", "not_float"),
        (path.name, 7, "region", "unknown_region"),
    ]
    assert loaded.errors["reason_zh"][1].as_py() == "认不出地区“某某省”"
    assert len(rows(loaded, "region")) == 35


def test_nbs_vintages_do_not_collide(tmp_path) -> None:
    path = tmp_path / "my.csv"
    path.write_text(
        "region,period,indicator,unit,value,source\n"
        "北京市,2017,地区生产总值,亿元,29883,a\n"
        "北京市,2017,地区生产总值(1993-2017旧口径),亿元,28014.9,b\n"
        "北京市,2020年2月,居民消费价格指数(上年同月=100),指数,103.6,c\n"
        "Shanghai,2017,第三产业,亿元, ,c\n"
    )
    loaded = load("nbs", path, regions=False)
    assert [(s["measure"], s["vintage"], s["period"]) for s in rows(loaded, "region_stat")] == [
        ("gdp", "revised", "2017"),
        ("gdp", "old", "2017"),
        ("cpi_year_on_year", "revised", "2020-02"),
    ]
    assert not len(loaded.errors)
    named = load("nbs", path, vintage="2018-01", regions=False)
    assert {s["vintage"] for s in rows(named, "region_stat")} == {"2018-01"}
    assert [t[2:] for t in told(named)] == [("region_id+period+measure+vintage", "duplicate")]


def test_nbs_own_vintages_and_quarters(tmp_path) -> None:
    path = tmp_path / "my.csv"
    path.write_text(
        "region,period,indicator,unit,value,source,vintage\n"
        "北京,2017年第四季度,x,亿元,1,a,first\n北京,2017年四季度,x,亿元,2,a,second\n"
    )
    raw = next(iter(read_nbs(path, regions=False)))
    assert raw.data["period"].to_pylist() == ["2017Q4", "2017Q4"]
    assert raw.data["vintage"].to_pylist() == ["first", "second"]


def test_nbs_another_layout(tmp_path) -> None:
    path = tmp_path / "my.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataError) as caught:
        load("nbs", path)
    assert "版式" in caught.value.text("zh")
    assert "region, period, indicator" in caught.value.text("en")


# ── world ───────────────────────────────────────────────────────────────────────────────────────


def test_a_world_is_checked_like_any_source() -> None:
    said = []
    loaded = load("world", None, progress=lambda *a: said.append(a), firms=100, months=12, seed=3)
    assert not len(loaded.errors)
    assert sum(loaded.refused.values()) == 0
    assert (loaded.files, loaded.copies) == ({}, 0)
    assert {"party", "invoice", "flow", "truth", "region_stat"} <= set(loaded.tables)
    assert len(said) > 2
    again = load("world", None, firms=100, months=12, seed=3)
    assert all(t.equals(again.tables[n]) for n, t in loaded.tables.items())
