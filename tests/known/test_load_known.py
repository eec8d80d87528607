"""Loaders on the real files: counts and sums that a plain reading of them gives as well."""

from collections import Counter, defaultdict
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from liandong.load import load, sba
from support.data import dataset

PARTS = [
    f"{side}_{group}" for side in ("purchase", "sales") for group in ("labelled", "unlabelled")
]


@pytest.fixture(scope="module")
def cumcm():
    folder = dataset("cumcm2020c_sme_credit")
    return folder, load("cumcm2020c", folder)


def test_cumcm_counts(cumcm) -> None:
    _, loaded = cumcm
    tables = loaded.tables
    assert not len(loaded.errors)
    assert {n: len(t) for n, t in tables.items()} == {
        "party": 387, "signal": 168, "project": 302, "product": 1, "churn": 87,
        "invoice": 1_018_455,
    }  # fmt: skip
    kinds = Counter(tables["party"]["kind"].to_pylist())
    assert kinds == {"firm": 386, "bank": 1}
    grades = Counter(r["value"] for r in tables["signal"].to_pylist() if r["measure"] == "grade")
    assert grades == {1: 18, 2: 26, 3: 24, 4: 16}
    bad = [
        r["party_id"]
        for r in tables["signal"].to_pylist()
        if r["measure"] == "default" and r["value"]
    ]
    assert len(bad) == 19
    assert Counter(tables["churn"]["grade"].to_pylist()) == {"A": 29, "B": 29, "C": 29}
    names = tables["party"]["name"].to_pylist()
    assert names == [n.strip() for n in names]
    assert len(loaded.files) == 7


def test_cumcm_ids_occur_once(cumcm) -> None:
    invoice = cumcm[1].tables["invoice"]
    assert pc.count_distinct(invoice["invoice_id"]).as_py() == len(invoice)
    again = pc.sum(pc.match_substring_regex(invoice["invoice_id"], r"-\d+-\d+$")).as_py()
    assert again == len(invoice) - 1_005_029  # firms use 13,426 numbers again


def _part(invoice: pa.Table, part: str, firms: set[str]) -> pa.Table:
    """Return the invoices of one file of the folder."""
    side, _ = part.split("_")
    firm = invoice["buyer" if side == "purchase" else "seller"]
    mark = "-P-" if side == "purchase" else "-S-"
    mine = pc.and_(
        pc.match_substring(invoice["invoice_id"], mark), pc.is_in(firm, value_set=pa.array(firms))
    )
    return invoice.filter(mine)


@pytest.mark.parametrize("part", PARTS)
def test_cumcm_sums_to_the_fen(cumcm, part) -> None:
    folder, loaded = cumcm
    file = pq.read_table(folder / f"invoices_{part}.parquet")
    mine = _part(loaded.tables["invoice"], part, sorted(set(file["ent"].to_pylist())))
    assert len(mine) == len(file)
    amounts, valid = file["amount"].to_pylist(), file["valid"].to_pylist()
    fen = sum(int(Decimal(repr(a)).scaleb(2)) for a in amounts)
    assert pc.sum(mine["net"]).as_py() == fen
    tax = np.rint(file["tax"].to_numpy() * 100).astype(np.int64)
    assert pc.sum(mine["tax"]).as_py() == int(tax.sum())
    status = Counter(
        "void" if not v else "red" if a < 0 else "valid"
        for a, v in zip(amounts, valid, strict=True)
    )
    assert Counter(mine["status"].to_pylist()) == status
    known = {"purchase_unlabelled": (395_175, 17_236), "sales_unlabelled": (330_835, 27_555)}
    if part in known:
        assert (len(mine), status["void"]) == known[part]


@pytest.fixture(scope="module")
def first22k():
    path = dataset("sba_loans") / "sba_first22k.parquet"
    return path, load("sba", path)


def test_sba_counts(first22k) -> None:
    path, loaded = first22k
    file = pq.read_table(path)
    tables = loaded.tables
    assert not len(loaded.errors)
    assert len(tables["loan"]) == 21_924
    assert Counter(tables["loan"]["status"].to_pylist()) == {"default": 4454, "repaid": 17_470}
    assert pc.sum(tables["loan"]["amount"]).as_py() == 100 * pc.sum(file["gr_appv"]).as_py()
    assert len(tables["event"]) == 4453  # one charge-off has no day
    share = [r for r in tables["signal"].to_pylist() if r["measure"] == "guaranteed_share"]
    assert all(0 < r["value"] <= 1 for r in share)


def test_sba_signals_know_nothing_of_the_outcome(first22k, tmp_path) -> None:
    path, loaded = first22k
    file = pq.read_table(path).slice(0, 300)
    for name in set(sba.LEAKS) & set(file.column_names):
        other = file[name].take(pa.array(np.arange(300)[::-1]))
        file = file.set_column(file.column_names.index(name), name, other)
    outcome = file.column_names.index("default")
    file = file.set_column(outcome, "default", pa.array([1] * 300))
    pq.write_table(file, tmp_path / "sba.parquet")
    twisted = load("sba", tmp_path / "sba.parquet").tables["signal"]
    firms = twisted["party_id"].unique()
    true = loaded.tables["signal"]
    true = true.filter(pc.is_in(true["party_id"], value_set=firms))
    keys = [("party_id", "ascending"), ("measure", "ascending")]
    assert twisted.sort_by(keys).equals(true.sort_by(keys))


def test_sba_folder_takes_each_loan_once() -> None:
    loaded = load("sba", dataset("sba_loans"))
    assert len(loaded.tables["loan"]) == 39_311
    assert loaded.refused == {"loan": 514, "party": 0, "event": 0, "signal": 0}
    assert set(loaded.errors["code"].to_pylist()) == {"duplicate"}


@pytest.fixture(scope="module")
def berka():
    folder = dataset("berka")
    return folder, load("berka", folder)


def test_berka_counts(berka) -> None:
    _, loaded = berka
    tables = loaded.tables
    assert not len(loaded.errors)
    assert Counter(tables["loan"]["status"].to_pylist()) == {
        "repaid": 203, "default": 31, "current": 403, "in_arrears": 45,
    }  # fmt: skip
    assert Counter(tables["party"]["kind"].to_pylist()) == {"person": 5369, "bank": 14}
    assert (len(tables["flow"]), len(tables["bank_account"])) == (49_102, 4500 + 2 + 1592)
    assert Counter(tables["flow"]["kind"].to_pylist())["repayment"] == 123


def test_berka_money_moves_as_the_balances_say(berka) -> None:
    folder, loaded = berka
    held = defaultdict(int)
    for f in loaded.tables["flow"].to_pylist():
        held[f["src_account"]] -= f["amount"]
        held[f["dst_account"]] += f["amount"]
    last: dict[str, tuple[int, set[int]]] = {}
    for t in pq.read_table(folder / "trans.parquet").to_pylist():
        account, fen = f"BK-{t['account_id']}", round(t["balance"] * 100)
        day, balances = last.get(account, (0, set()))
        last[account] = (t["date"], {fen} | (balances if day == t["date"] else set()))
    # The bank rounds each balance to 10 hellers, and the file ends in the middle of a day.
    near = [a for a, (_, b) in last.items() if min(abs(held[a] - x) for x in b) <= 100]
    assert (len(last), len(near)) == (1229, 1201)


@pytest.mark.parametrize(("name", "rows"), [("20K_cycle200", 117_805), ("20K_fanin200", 118_250)])
def test_amlsim(name, rows) -> None:
    folder = dataset("amlsim_20k") / name
    loaded = load("amlsim", folder)
    assert not len(loaded.errors)
    flow = loaded.tables["flow"]
    value = pq.read_table(folder / "transactions.parquet")["value"].to_pylist()
    assert len(flow) == rows
    assert pc.sum(flow["amount"]).as_py() == sum(int(Decimal(repr(v)).scaleb(2)) for v in value)
    assert len(loaded.tables["bank_account"]) == 20_000


def test_amlsim_current_layout() -> None:
    loaded = load("amlsim", dataset("amlsim_20k") / "sample_outputs")
    assert not len(loaded.errors)
    assert Counter(loaded.tables["flow"]["kind"].to_pylist()) == {"transfer": 45, "cash": 88}
    ends = set(loaded.tables["flow"]["src_account"].to_pylist())
    assert ends <= set(loaded.tables["bank_account"]["account_id"].to_pylist())


def test_nbs() -> None:
    loaded = load("nbs", dataset("china_regions"))
    assert not len(loaded.errors)
    stats = loaded.tables["region_stat"]
    assert len(stats) == 4154
    gdp = defaultdict(float)
    for r in stats.to_pylist():
        if r["measure"] == "gdp":
            gdp[r["period"], r["vintage"]] += r["value"]
    assert gdp["2024", "revised"] == pytest.approx(1_337_605.8, abs=0.05)
    both = {period for period, _ in gdp if {(period, "old"), (period, "revised")} <= set(gdp)}
    assert both == {str(y) for y in range(2006, 2018)}
    assert all(gdp[y, "old"] != gdp[y, "revised"] for y in both)
