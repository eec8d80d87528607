"""AMLworld's layout on a small folder made here: currencies, labels only if asked, wrong rows."""

from datetime import UTC, datetime

import pytest

from liandong.errors import DataError, UsageError
from liandong.load import fingerprint, load
from liandong.trace.currency import sides

HEAD = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,"
    "Amount Paid,Payment Currency,Payment Format,Is Laundering\n"
)
ROWS = (
    "2022/09/01 00:20,007,A1,0012,B1,10.50,US Dollar,10.50,US Dollar,Wire,0",
    "2022/09/01 00:21,12,B1,7,A1,9.00,Euro,10.01,US Dollar,ACH,1",
    "2022/09/01 00:22,7,A1,7,A1,0.125000,Bitcoin,0.125000,Bitcoin,Reinvestment,0",
    "2022/09/01 00:23,7,A1,12,B2,5,Yuan,5,Yuan,Cheque,1",
)
PATTERNS = f"""BEGIN LAUNDERING ATTEMPT - FAN-OUT:  Max 2-degree Fan-Out
{ROWS[1]}
END LAUNDERING ATTEMPT - FAN-OUT

"""
ACCOUNTS = (
    "Bank Name,Bank ID,Account Number,Entity ID,Entity Name\n"
    "Bank of Seven,7,A1,E1,Individual #1\nTwelfth Bank,012,B1,E2,Corporation #2\n"
    "Twelfth Bank,012,B2,E2,Corporation #2\n"
)


def folder(path, rows=ROWS, name="Tiny", head=HEAD):
    (path / f"{name}_Trans.csv").write_text(head + "\n".join(rows) + "\n")
    (path / f"{name}_accounts.csv").write_text(ACCOUNTS)
    (path / f"{name}_Patterns.txt").write_text(PATTERNS)
    return path


def rows(loaded, table):
    return loaded.tables[table].to_pylist()


def test_transfers_accounts_and_owners(tmp_path):
    loaded = load("amlworld", folder(tmp_path))
    assert not len(loaded.errors)
    flows = rows(loaded, "flow")
    assert [(f["flow_id"], f["src_account"], f["dst_account"], f["amount"]) for f in flows] == [
        ("AW-T2", "AW-7-A1-USD", "AW-12-B1", 1050),
        ("AW-T3", "AW-12-B1", "AW-7-A1-EUR", 1001),
        ("AW-T4", "AW-7-A1", "AW-7-A1", 12),
        ("AW-T5", "AW-7-A1-CNY", "AW-12-B2", 500),
    ]
    assert [f["received"] for f in flows] == [None, 900, None, None]
    assert [f["purpose"] for f in flows] == [
        "Wire, US Dollar", "ACH, US Dollar > Euro", "Reinvestment, Bitcoin", "Cheque, Yuan",
    ]  # fmt: skip
    assert flows[0]["at"] == datetime(2022, 9, 1, 0, 20, tzinfo=UTC)
    parties = {p["party_id"]: (p["kind"], p["name"]) for p in rows(loaded, "party")}
    assert parties == {
        "AW-B7": ("bank", "Bank of Seven"), "AW-B12": ("bank", "Twelfth Bank"),
        "AW-EE1": ("person", "Individual #1"), "AW-EE2": ("firm", "Corporation #2"),
    }  # fmt: skip
    accounts = {(a["account_id"], a["currency"], a["party_id"], a["bank_id"])
                for a in rows(loaded, "bank_account")}  # fmt: skip
    # One account in four currencies, most often in Bitcoin; the others stand beside it.
    assert accounts == {
        ("AW-7-A1", "XBT", "AW-EE1", "AW-B7"), ("AW-7-A1-USD", "USD", "AW-EE1", "AW-B7"),
        ("AW-7-A1-EUR", "EUR", "AW-EE1", "AW-B7"), ("AW-7-A1-CNY", "CNY", "AW-EE1", "AW-B7"),
        ("AW-12-B1", "USD", "AW-EE2", "AW-B12"), ("AW-12-B2", "CNY", "AW-EE2", "AW-B12"),
    }  # fmt: skip


def test_exchanged_money_can_be_followed(tmp_path):
    """Every transfer agrees with the currencies of its accounts, which a trace insists on."""
    loaded = load("amlworld", folder(tmp_path))
    found = sides(loaded.tables["flow"], loaded.tables["bank_account"])
    ends = ([found.names[c] for c in side] for side in (found.payer, found.payee))
    told = list(zip(*ends, found.amount.tolist(), found.got.tolist(), strict=True))
    assert told == [("USD", "USD", 1050, 1050), ("USD", "EUR", 1001, 900), ("XBT", "XBT", 12, 12),
                    ("CNY", "CNY", 500, 500)]  # fmt: skip


def test_a_currency_without_a_code_is_refused_as_it_is(tmp_path):
    odd = "2022/09/01 00:24,12,B2,12,B2,1,Doubloon,1,Doubloon,Wire,0"
    errors = load("amlworld", folder(tmp_path, (*ROWS, odd))).errors.to_pylist()
    assert [(e["code"], e["value"]) for e in errors] == [("not_currency", "Doubloon")]


def test_labels_come_only_if_asked_for(tmp_path):
    folder(tmp_path)
    assert "flow_label" not in load("amlworld", tmp_path).tables
    assert "Tiny_Patterns.txt" not in fingerprint("amlworld", tmp_path)
    assert "Tiny_Patterns.txt" in fingerprint("amlworld", tmp_path, labels=True)
    found = rows(load("amlworld", tmp_path, labels=True), "flow_label")
    assert [(r["flow_id"], r["bad"], r["pattern"]) for r in found] == [
        ("AW-T2", False, None), ("AW-T3", True, "fan-out"), ("AW-T4", False, None),
        ("AW-T5", True, None),
    ]  # fmt: skip
    (tmp_path / "Tiny_Patterns.txt").unlink()
    found = rows(load("amlworld", tmp_path, labels=True), "flow_label")
    assert [r["bad"] for r in found] == [False, True, False, True]


def test_one_of_several_sets_has_to_be_named(tmp_path):
    folder(folder(tmp_path), name="Other")
    for wrong in ({}, {"which": "Third"}):
        with pytest.raises(DataError, match="Other, Tiny"):
            load("amlworld", tmp_path, **wrong)
    assert len(rows(load("amlworld", tmp_path, which="Other"), "flow")) == 4


def test_wrong_rows_are_told_and_the_rest_loads(tmp_path):
    odd = (
        "soon,7,A1,12,B1,1,Yuan,1,Yuan,Wire,0", "2022/09/01 00:20,7,A1,12,B1,1,Yuan,x,Yuan,Wire,0",
        "2022/09/01 00:20,7,,12,B1,1,Yuan,1,Yuan,Wire,0",
        "2022/09/01 00:20,7,A1,12,B1,1,Yuan,1.234,Yuan,Wire,maybe",
        "2022/09/01 00:20,7,A1,12,B1,1,Bitcoin,many,Bitcoin,Wire,0", "short,row",
    )  # fmt: skip
    loaded = load("amlworld", folder(tmp_path, (*ROWS, *odd)), labels=True)
    told = {(e["row"], e["field"], e["code"]) for e in loaded.errors.to_pylist()}
    assert {
        (6, "at (Timestamp)", "not_time"), (7, "amount (Amount Paid)", "not_money"),
        (8, "src_account (Account)", "missing"), (9, "amount (Amount Paid)", "not_money"),
        (9, "bad (Is Laundering)", "not_bool"), (10, "amount (Amount Paid)", "not_money"),
        (11, "*", "wrong_width"),
    } <= told  # fmt: skip
    assert len(rows(loaded, "flow")) == 4


def test_folders_that_cannot_be_used(tmp_path):
    with pytest.raises(DataError):
        load("amlworld", tmp_path)
    with pytest.raises(DataError):
        load("amlworld", tmp_path / "nowhere")
    folder(tmp_path, head=HEAD.replace("Amount Paid", "Paid"))
    with pytest.raises(DataError, match="Amount Paid"):
        load("amlworld", tmp_path)
    (tmp_path / "Tiny_accounts.csv").unlink()
    with pytest.raises(DataError, match="Tiny_accounts"):
        load("amlworld", tmp_path)
    with pytest.raises(UsageError):
        load("amlworld")
