"""The ledger as text: read again by a parser of its own, it says the same."""

import re
from collections import Counter
from datetime import date

from liandong.schema.arrow import build, empty
from liandong.settle.statements.journal import journal

POSTING = re.compile(r"  ([A-Z][A-Za-z0-9:-]+)  (-?[0-9.]+) ([A-Z][A-Z0-9-]+)")


def account(*rows):
    columns = zip(*rows, strict=True)
    return build("account", dict(zip(("account_id", "owner_id", "unit", "code"), columns,
                                     strict=True)))  # fmt: skip


ACCOUNTS = account(
    ("deposits:E 1:CNY", "E 1", "CNY", "deposits"), ("deposits:E/1:CNY", "E/1", "CNY", "deposits"),
    ("loans:b1:CNY", "b1", "CNY", "loans"), ("memo:X:m³", "X", "m³", "memo"),
    ("memo:Y:m³", "Y", "m³", "memo"), ("income:Z:JPY", "Z", "JPY", "income"),
)  # fmt: skip


def entry(*rows):
    names = ("entry_id", "debit", "credit", "amount", "unit", "phase", "event_time", "agreement")
    return build("entry", dict(zip(names, zip(*rows, strict=True), strict=True)))


def test_every_transaction_adds_up_to_nothing_and_says_what_was_posted():
    day = date(2026, 1, 2)
    lines = "\n".join(
        journal(
            ACCOUNTS,
            entry(
                ("e2", "loans:b1:CNY", "deposits:E 1:CNY", 12_345, "CNY", "posted", day, "P1"),
                ("e1", "loans:b1:CNY", "deposits:E/1:CNY", 5, "CNY", "post", day, None),
                ("e3", "memo:X:m³", "memo:Y:m³", 7, "m³", "posted", day, 'a "b" \\ c'),
                ("e4", "loans:b1:CNY", "deposits:E 1:CNY", 99, "CNY", "pending", day, None),
            ),
        )
    )
    assert lines.startswith("2026-01-02 open Liabilities:Deposits:E-1:CNY CNY\n")
    assert "open Liabilities:Deposits:E-1:CNY-2 CNY" in lines
    assert "Income" not in lines  # nothing moved there
    assert '  agreement: "a \\"b\\" \\\\ c"' in lines
    heads = [x for x in lines.split("\n") if " * " in x]
    assert heads == ['2026-01-02 * "e1"', '2026-01-02 * "e2"', '2026-01-02 * "e3"']
    postings = POSTING.findall(lines)
    assert postings[2:4] == [
        ("Assets:Loans:B1:CNY", "123.45", "CNY"),
        ("Liabilities:Deposits:E-1:CNY", "-123.45", "CNY"),
    ]
    total = Counter()
    for _, amount, unit in postings:
        total[unit] += float(amount)
    assert total == {"CNY": 0, "M3": 0}


def test_nothing_posted_is_an_empty_journal():
    assert list(journal(ACCOUNTS, empty("entry"))) == []
