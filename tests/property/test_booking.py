"""Shares in the ledger: every fen that came in, once, whatever is corrected and run again."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import liandong as ld
from liandong.errors import DataError
from liandong.schema.arrow import build, empty
from liandong.settle import AgreementRule, balances, book, share
from liandong.testing import check_step

TEXT = """agreement tax { unit CNY/2; parties x, y, z; valid 2026-01-01..2027-12-31
  base yearly = vat + cit
  tier <= 10.00 { x 1/3; y 2/3 }
  tier rest { x 1/7; y 2/7; z 4/7 }
  floor z 3.00 per year paid by x
  cap y 9.00 per year excess to z }
losses cover { layer first 4.00 { x 1 } layer next { y 1/2; z 1/2 } }
agreement gdp { unit GDP/2; parties x, y; base cumulative = gdp; tier rest { x 2/3; y 1/3 } }
subsidy help { unit CNY/2; rate 2/100; day-count 30/360; months 1..24; paid by x to y }
"""
RULE = AgreementRule.make(
    agreements=[{"name": "pact", "text": TEXT, "parties": {"x": "RX", "y": "RY", "z": "RZ"}}]
)
UNITS = {"vat": "CNY", "cit": "CNY", "loss": "CNY", "gdp": "GDP", "principal": "CNY"}
MONTHS = ("2026-10", "2026-11", "2026-12", "2027-01")


def base(facts):
    keys = sorted(facts)
    names = ("base", "party_id", "period")
    return build("base_amount", {
        **{n: [k[i] for k in keys] for i, n in enumerate(names)},
        "amount": [facts[k] for k in keys], "unit": [UNITS[k[0]] for k in keys],
    })  # fmt: skip


def left(entries):
    """What is left in each account, by a plain loop."""
    found = Counter()
    for e in entries:
        found[e["debit"]] += e["amount"]
        found[e["credit"]] -= e["amount"]
    return {k: v for k, v in found.items() if v}


facts_of = st.dictionaries(
    st.tuples(st.sampled_from(sorted(UNITS)), st.sampled_from(["RX", "RY", "R0"]),
              st.sampled_from(MONTHS)),
    st.integers(-2_000, 2_000), min_size=1, max_size=14,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts=facts_of, corrected=facts_of, first=st.sampled_from(MONTHS))
def test_what_came_in_is_what_was_shared(facts, corrected, first):
    early = {k: v for k, v in facts.items() if k[2] <= first}
    then = facts | corrected
    ledger, before = empty("entry"), (empty("share"), empty("share_entry"))
    for known in (early, then):
        got = share(base(known), *before, rule=RULE)
        before = got["share"], got["share_entry"]
        entries = got["share_entry"].to_pylist()
        pools = {k: v for k, v in left(entries).items() if ":pact:" in k}
        assert pools == {}
        # A party has its shares, less what it brought in and handed over.
        if not len(got["share"]):
            continue
        made = book(*before, ledger)
        ledger = build("entry", {
            n: [*ledger[n].to_pylist(), *made["entry"][n].to_pylist()] for n in ledger.column_names
        })  # fmt: skip
        assert left(ledger.to_pylist()) == left(entries)
        assert len(book(*before, ledger)["entry"]) == 0
        assert len(set(ledger["entry_id"].to_pylist())) == len(ledger)
        balances(ledger)


SIMPLE = TEXT[: TEXT.index("  floor")] + "}"
ONE = {("vat", "R0", "2026-10"): 9_00, ("vat", "R0", "2026-11"): 3_00}


def rule_of(text):
    return AgreementRule.make(agreements=[{"name": "pact", "text": text}])


def test_a_ledger_follows_its_shares(tmp_path):
    with ld.open(tmp_path / "b.board", actor="ann") as board:
        board.put("base", {"base_amount": base(ONE)})
        board.run(share, rule=rule_of(SIMPLE))
        board.run(book)
        held = {r["account_id"]: (r["debit"], r["credit"])
                for r in board.ledger.balances().to_pylist()}  # fmt: skip
        # Of 12.00: 10.00 by thirds, 2.00 by sevenths: 3.33 + 0.29, 6.67 + 0.57, 1.14.
        assert held == {
            "income:R0:CNY": (12_00, 0), "income:pact:CNY": (12_00, 12_00),
            "income:x:CNY": (0, 3_62), "income:y:CNY": (0, 7_24), "income:z:CNY": (0, 1_14),
        }  # fmt: skip
        n = len(board.table("entry"))
        board.run(book)
        assert len(board.table("entry")) == n
        assert board.check() == []
        board.run(ld.settle.statement)
        (paid,) = board.table("statement").rows(owner_id="R0", period="2026-11")
        assert (paid["opening"], paid["closing"]) == (9_00, 12_00)


def test_a_share_that_has_changed_is_reversed(tmp_path):
    with ld.open(tmp_path / "b.board", actor="ann") as board:
        board.put("base", {"base_amount": base(ONE)})
        first = share(base(ONE), rule=rule_of(SIMPLE))
        board.put("s", first)
        board.run(book)
        other = share(base(ONE), rule=rule_of(SIMPLE.replace("x 1/3; y 2/3", "x 2/3; y 1/3")))
        board.put("s", other)
        board.ledger.close(date(2026, 10, 31))
        with pytest.raises(DataError):
            board.run(book)
        board.run(book, since="2026-12-01")
        rows = board.table("entry").rows()
        back = [r for r in rows if r["entry_id"].startswith("reversal:share:")]
        again = [r for r in rows if r["entry_id"].endswith(":2")]
        assert back
        assert {r["ref"] for r in back} == {r["entry_id"].removesuffix(":2") for r in again}
        assert {r["event_time"] for r in [*back, *again]} == {date(2026, 12, 1)}
        assert left(rows) == left(other["share_entry"].to_pylist())
        assert board.check() == []
        # Somebody takes one back by hand: the books follow the shares again.
        board.ledger.reverse(again[0]["entry_id"], date(2026, 12, 2))
        assert len(board.check()) == 1
        board.run(book, since="2026-12-02")
        assert left(board.table("entry").rows()) == left(rows)
        assert board.check() == []


def test_agreements_without_shares_are_left_alone():
    made = book(*share(base(ONE), rule=rule_of(SIMPLE)).values())["entry"]
    other = AgreementRule.make(agreements=[{"name": "other", "text": SIMPLE}])
    also = book(*share(base(ONE), rule=other).values(), made)["entry"]
    assert set(also["agreement"].to_pylist()) == {"other"}


def test_booking_holds_the_conventions():
    check_step(book, share(base(ONE), rule=rule_of(SIMPLE)))
