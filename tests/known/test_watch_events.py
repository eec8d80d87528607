"""Watched events from the tables of a board, one of each, and against DuckDB on a world."""

from datetime import UTC, date, datetime

import duckdb

from liandong.schema.arrow import build, empty
from liandong.watch import events
from support.worlds import small_world


def told(**tables: dict[str, list]) -> list[dict]:
    made = {name: build(name, columns) for name, columns in tables.items()}
    rows = events(*(made.get(n, empty(n)) for n in events.reads))["watch_event"]
    return rows.to_pylist()


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_an_invoice_is_of_its_seller():
    (row,) = told(invoice={
        "invoice_id": ["I1"], "seller": ["F1"], "buyer": ["F2"], "date": [date(2024, 5, 1)],
        "net": [100], "tax": [13], "status": ["red"],
    })  # fmt: skip
    assert row == {
        "event_id": "invoice:I1", "source": "invoice", "seq": 0, "at": day("2024-05-01"),
        "seen_at": day("2024-05-01"), "kind": "invoice", "subject_id": "F1", "other_id": "F2",
        "amount": 100, "tag": "red",
    }  # fmt: skip


FLOW = {
    "flow_id": ["T1", "T2", "T3"], "src_account": ["A1", "A1", "A1"],
    "dst_account": ["A2", "A3", "X"], "amount": [7, 8, 9], "at": [day("2024-05-01T10:00")] * 3,
    "seq": [4, 5, 6], "kind": ["transfer", "transfer", "wage"],
}  # fmt: skip
ACCOUNTS = {
    "account_id": ["A1", "A2", "A3"], "party_id": ["F1", "F2", "F1"],
    "kind": ["current"] * 3, "opening_balance": [0] * 3,
}  # fmt: skip


def test_a_payment_is_of_both_owners_and_none_within_one():
    rows = told(flow=FLOW, bank_account=ACCOUNTS)
    said = {(r["event_id"], r["subject_id"], r["other_id"], r["amount"], r["tag"]) for r in rows}
    assert said == {
        ("flow:T1:payment_out", "F1", "F2", 7, "transfer"),
        ("flow:T1:payment_in", "F2", "F1", 7, "transfer"),
        ("flow:T3:payment_out", "F1", None, 9, "wage"),  # whose account X is nobody knows
    }
    assert {r["seq"] for r in rows} == {4, 6}


def test_other_currencies_are_left_out():
    foreign = {**ACCOUNTS, "currency": [None, "USD", "CNY"]}
    flow = {**FLOW, "received": [1, None, None]}
    assert {r["event_id"] for r in told(flow=flow, bank_account=foreign)} == {
        "flow:T1:payment_out", "flow:T3:payment_out"
    }  # fmt: skip


def test_measures_happen_at_the_end_of_their_month():
    rows = told(signal={
        "party_id": ["F1"] * 4, "source": ["tax", "staff", "bank", "bank"],
        "measure": ["declared_sales", "insured", "grade", "limit"],
        "period": ["2024-02", "2023-12", "long ago", "once"], "value": [1.25, 7.0, 3.0, 4.0],
        "unit": ["yuan", "people", None, None],
        "seen_at": [date(2024, 3, 16), None, date(2024, 1, 5), None],
    })  # fmt: skip
    said = {r["tag"]: (r["kind"], r["amount"], r["at"], r["seen_at"]) for r in rows}
    assert said == {
        "declared_sales": ("tax", 125, day("2024-02-29"), day("2024-03-16")),
        "insured": ("staff", 7, day("2023-12-31"), day("2023-12-31")),
        "grade": ("bank", 3, day("2024-01-05"), day("2024-01-05")),
    }


def test_cases_and_guarantees():
    rows = told(
        event={
            "event_id": ["E1"], "party_id": ["F1"], "kind": ["lawsuit"], "at": [date(2024, 1, 1)],
            "seen_at": [date(2024, 1, 9)], "amount": [50],
        },
        edge={
            "src": ["F1", "F1"], "dst": ["F2", "F3"], "kind": ["guarantees", "owns"],
            "valid_from": [date(2024, 2, 1)] * 2, "weight": [500, None],
        },
    )  # fmt: skip
    said = {(r["kind"], r["subject_id"], r["other_id"], r["amount"], r["seen_at"]) for r in rows}
    assert said == {
        ("lawsuit", "F1", None, 50, day("2024-01-09")),
        ("guarantee", "F1", "F2", 500, day("2024-02-01")),
    }


def test_payments_of_a_world_are_those_that_sql_finds():
    world = small_world()
    found = events(*(world[n] for n in events.reads))["watch_event"]
    tables = {"flow": world["flow"], "account": world["bank_account"], "found": found}
    with duckdb.connect() as sql:
        for name, table in tables.items():
            sql.register(name, table)
        want = sql.sql(
            "SELECT a.party_id, count(*) n, sum(amount)::BIGINT total FROM flow"
            " JOIN account a ON src_account = a.account_id JOIN account b"
            " ON dst_account = b.account_id WHERE a.party_id <> b.party_id GROUP BY ALL ORDER BY 1"
        ).to_arrow_table()
        got = sql.sql(
            "SELECT subject_id party_id, count(*) n, sum(amount)::BIGINT total FROM found"
            " WHERE kind = 'payment_out' GROUP BY ALL ORDER BY 1"
        ).to_arrow_table()
    assert got.equals(want)
    assert len(set(found["event_id"].to_pylist())) == len(found)
