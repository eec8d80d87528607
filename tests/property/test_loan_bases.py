"""Amounts worked out from loans: a twin that goes day by day, and what holds of every board."""

from calendar import monthrange
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liandong as ld
from liandong.errors import DataError, UsageError
from liandong.schema.arrow import build, empty
from liandong.settle import AgreementRule, LoanBasesRule, loan_bases, share
from liandong.settle.agreements.interest import year_part
from liandong.settle.agreements.nodes import Span
from liandong.settle.agreements.periods import days_of
from liandong.testing import check_step
from liandong.types import Rate

END = date(2025, 4, 30)
DAYS = st.dates(date(2025, 1, 1), date(2025, 5, 20))
LENDERS = ("B1", "B2")
PARTS = {"loss": 800_000, "lent": 333_333, "outstanding": 600_000}


def rows(name, key, found):
    """A table of rows by number; what a row does not say is null."""
    if not found:
        return empty(name)
    full = [{key: f"{key[0].upper()}{i}", **r} for i, r in enumerate(found)]
    names = sorted({n for r in full for n in r} | {key})
    return build(name, {n: [r.get(n) for r in full] for n in names})


def loan(**more):
    return {"party_id": "F0", "lender_id": "B1", "product_id": "P", "amount": 1_000_00,
            "rate": 40_000, "start": date(2025, 1, 1), "term_months": 12, "status": "current",
            **more}  # fmt: skip


def flow(kind, day, amount, of="L0", **more):
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return {"src_account": "A", "dst_account": "B", "amount": amount, "at": at, "seq": 0,
            "kind": kind, "loan_id": of, **more}  # fmt: skip


def fell(day, **more):
    return {"party_id": "F0", "kind": "default", "at": day, "ref": "L0", **more}


def tables(loans, events=(), flows=()):
    return {
        "loan": rows("loan", "loan_id", loans), "event": rows("event", "event_id", events),
        "flow": rows("flow", "flow_id", flows),
        "party": build("party", {"party_id": ["F0", "F1"], "kind": ["firm"] * 2,
                                 "region_id": ["340100", "330000"]}),
    }  # fmt: skip


def worked_out(given_, *bases, as_of=END):
    rule = LoanBasesRule.make(as_of=as_of, bases=list(bases))
    return loan_bases(*(given_[n] for n in loan_bases.reads), rule=rule)


def amounts(found):
    return {(r["base"], r["party_id"], r["period"]): r["amount"]
            for r in found["derived_amount"].to_pylist() if r["amount"]}  # fmt: skip


LOANS = st.lists(
    st.fixed_dictionaries({
        "party_id": st.sampled_from(["F0", "F1"]), "lender_id": st.sampled_from(LENDERS),
        "amount": st.integers(1, 10**7), "start": DAYS, "term_months": st.integers(0, 5),
        "rate": st.none() | st.integers(0, 90_000),
    }).map(lambda r: loan(**r)),
    min_size=1, max_size=4,
)  # fmt: skip
IDS = st.sampled_from([f"L{i}" for i in range(4)])
PAID = st.lists(
    st.builds(flow, st.sampled_from(["repayment", "repayment", "interest"]), DAYS,
              st.integers(1, 6 * 10**6), IDS),
    max_size=8,
)  # fmt: skip
FALLEN = st.lists(
    st.fixed_dictionaries({
        "party_id": st.sampled_from(["F0", "F1"]), "kind": st.just("default"), "at": DAYS,
        "ref": st.none() | IDS, "amount": st.none() | st.integers(1, 10**7),
    }),
    max_size=4,
)  # fmt: skip


class Twin:
    """One loan, day by day."""

    def __init__(self, name, of, events, flows):
        self.name, self.of = name, of
        own = [f for f in flows if f["loan_id"] == name and f["at"].date() <= END]
        self.seen = bool(own)
        self.back = Counter()
        for f in own:
            if f["kind"] == "repayment":
                self.back[max(f["at"].date(), of["start"])] += f["amount"]
        month = of["start"].month - 1 + of["term_months"]
        year, month = of["start"].year + month // 12, month % 12 + 1
        last = min(of["start"].day, monthrange(year, month)[1])
        self.due, self.default, self.said = date(year, month, last), None, None
        for e in events:
            mine = e["ref"] == name or (
                e["ref"] is None and e["party_id"] == of["party_id"]
                and of["start"] <= e["at"] and self.owed(e["at"]) > 0
            )  # fmt: skip
            if mine and e["at"] <= END:
                day = max(e["at"], of["start"])
                said = (e["amount"] if e["ref"] else None) or -1
                if self.default is None or e["at"] < self.raw:
                    self.default, self.said, self.raw = day, said, e["at"]
                elif e["at"] == self.raw:
                    self.said = max(self.said, said)

    def owed(self, day):
        paid = sum(a for d, a in self.back.items() if d <= day)
        return self.of["amount"] - min(paid, self.of["amount"])

    def losses(self):
        found = Counter()
        if self.default is not None and self.default <= END:
            left = self.owed(self.default)
            if not self.seen and self.said >= 0:
                left = min(self.said, self.of["amount"])
            found[self.default.strftime("%Y-%m")] += left
            for day in sorted(d for d in self.back if d > self.default):
                back = self.owed(day - timedelta(1)) - self.owed(day)
                found[day.strftime("%Y-%m")] -= back
        total, before, parts = 0, 0, {}
        for month in sorted(found):
            total += found[month]
            now = nearest(Fraction(total * PARTS["loss"], 10**6))
            parts[month], before = now - before, now
        return parts

    def outstanding(self, part, count):
        found = {}
        for month in ("2025-01", "2025-02", "2025-03", "2025-04"):
            span, total = days_of(month), Fraction(0)
            for k in range((span.last - span.first).days + 1):
                day = span.first + timedelta(k)
                runs = self.of["start"] <= day < min(self.due, self.default or date.max)
                total += runs * self.owed(day) * year_part(Span(day, day), count)
            found[month] = nearest(total / year_part(span, count) * Fraction(part, 10**6))
        return found


def nearest(value):
    return floor(value + Fraction(1, 2))


@settings(max_examples=40, deadline=None)
@given(loans=LOANS, events=FALLEN, flows=PAID, count=st.sampled_from(["act/365", "30/360"]))
def test_amounts_are_those_of_a_twin_that_goes_day_by_day(loans, events, flows, count):
    events = [e for e in events if e["ref"] is None or int(e["ref"][1:]) < len(loans)]
    loans_of = {f"L{i}": of for i, of in enumerate(loans)}
    twins = [Twin(n, of, events, flows) for n, of in loans_of.items() if of["start"] <= END]
    wanted, rate = defaultdict(int), defaultdict(list)
    for t in twins:
        who = t.of["lender_id"]
        for month, amount in t.losses().items():
            wanted["loss", who, month] += amount
        lent = nearest(Fraction(t.of["amount"] * PARTS["lent"], 10**6))
        wanted["lent", who, t.of["start"].strftime("%Y-%m")] += lent
        for month, amount in t.outstanding(PARTS["outstanding"], count).items():
            wanted["outstanding", who, month] += amount
        for month, amount in t.outstanding(10**6, count).items():
            if amount and t.of["rate"] is not None:
                rate[month].append((amount, t.of["rate"]))
    lenders = {t.of["lender_id"] for t in twins}
    who = "*" if len(lenders) > 1 else "".join(lenders)
    for month, of in rate.items():
        total = sum(a for a, _ in of)
        wanted["rate", who, month] = nearest(Fraction(sum(a * r for a, r in of), total))
    bases = [{"base": n, "what": n, "part": Rate(PARTS.get(n, 10**6)), "count": count}
             for n in ("loss", "lent", "outstanding", "rate")]  # fmt: skip
    found = worked_out(tables(loans, events, flows), *bases)
    assert amounts(found) == {k: v for k, v in wanted.items() if v}
    # What an amount is the sum of, and its reasons, add up to it.
    parts, said = Counter(), Counter()
    for r in found["derived_loan"].to_pylist():
        parts[r["base"], r["party_id"], r["period"]] += r["amount"]
    for r in found["derived_amount"].to_pylist():
        key = (r["base"], r["party_id"], r["period"])
        said[key] = sum(c["points"] for c in r["reasons"])
        assert r["base"] == "rate" or r["amount"] == parts[key] == said[key]


LOSS = {"base": "loss", "what": "loss"}
COVER = """losses cover { unit CNY/2; parties bank, gov; valid 2025-01-01..2025-12-31
  layer first 300.00 { bank 1 } layer next { bank 1/5; gov 4/5 } }
subsidy help { unit CNY/2; valid 2025-01-01..2025-12-31; principal = principal
  rate min(contract - 1/100, 2/100); day-count act/360; months 1..12; paid by gov to bank }"""
OWED = [{"base": "principal", "what": "outstanding"}, {"base": "contract", "what": "rate"}]
RULE = AgreementRule.make(
    agreements=[{"name": "pact", "text": COVER, "parties": {"bank": "B1", "gov": "G"}}]
)
PLAY = tables(
    [loan(), loan(party_id="F1", amount=500_00, rate=30_000, start=date(2025, 2, 15))],
    [fell(date(2025, 2, 10))],
    [flow("disbursement", date(2025, 1, 1), 1_000_00),
     flow("repayment", date(2025, 1, 20), 100_00),
     flow("repayment", date(2025, 3, 5), 250_00)],
)  # fmt: skip


def test_known_answers_and_a_recovery_that_comes_late():
    first = worked_out(PLAY, LOSS, *OWED, as_of=date(2025, 2, 28))
    # 900.00 were owed in February; the first 300.00 are the bank's, of the rest a fifth.
    nothing = [empty(n) for n in share.reads[:3]]
    one = share(*nothing, first["derived_amount"], rule=RULE)
    assert said(one, "cover") == {("B1", "2025-02"): 420_00, ("G", "2025-02"): 480_00}
    # January: 1,000.00 for 19 days and 900.00 for 12, at 2 %; February: 900.00 for 9 days at 2 %,
    # and 500.00 for 14; the mean rate less a point is above that.
    assert amounts(first)["principal", "B1", "2025-01"] == 961_29
    assert amounts(first)["principal", "B1", "2025-02"] == 289_29 + 250_00
    assert said(one, "help")["B1", "2025-01"] == nearest(Fraction(961_29 * 31 * 2, 360 * 100))
    then = worked_out(PLAY, LOSS, *OWED, as_of=date(2025, 3, 31))
    two = share(nothing[0], one["share"], one["share_entry"], then["derived_amount"], rule=RULE)
    # 250.00 came back: 650.00 are lost, of which the bank bears 370.00.
    assert said(two, "cover") == {
        ("B1", "2025-02"): 420_00, ("G", "2025-02"): 480_00,
        ("B1", "2025-03"): -50_00, ("G", "2025-03"): -200_00,
    }  # fmt: skip
    again = share(nothing[0], two["share"], two["share_entry"], then["derived_amount"], rule=RULE)
    assert all(again[n].equals(two[n]) for n in two)


def said(got, clause):
    return {(r["party_id"], r["period"]): r["amount"] for r in got["share"].to_pylist()
            if r["clause"] == clause and r["amount"]}  # fmt: skip


def test_what_is_told_of_loans_without_transfers_and_without_a_day():
    later = flow("repayment", date(2025, 5, 2), 5_00)  # nobody knew of it on the day
    bare = tables(
        [loan(), loan(status="default")], [fell(date(2025, 3, 3), amount=400_00)], [later]
    )
    (row,) = [r for r in worked_out(bare, LOSS)["derived_amount"].to_pylist() if r["amount"]]
    assert (row["period"], row["amount"]) == ("2025-03", 400_00)
    assert [r["code"] for r in row["reasons"]] == ["settle.exposure(1)", "settle.unseen(1)"]
    last = worked_out(bare, LOSS)["derived_amount"].to_pylist()[-1]
    assert (last["period"], last["reasons"]) == (
        "2025-04", [{"code": "settle.undated(1)", "points": 0}]
    )  # fmt: skip
    # A payment that was taken back was none.
    undone = flow("reversal", date(2025, 2, 3), 100_00, None, ref="F0")
    paid = tables([loan()], [fell(date(2025, 3, 3))],
                  [flow("repayment", date(2025, 2, 2), 100_00), undone])  # fmt: skip
    assert amounts(worked_out(paid, LOSS)) == {("loss", "B1", "2025-03"): 1_000_00}


@pytest.mark.parametrize(
    ("some", "amount"),
    [({"lenders": ["B2"]}, 2_00), ({"products": ["Q"]}, 2_00), ({"regions": ["34"]}, 1_00),
     ({"regions": ["34", "330000"]}, 3_00), ({"since": "2025-02-01"}, 2_00),
     ({"until": "2025-01-31"}, 1_00), ({"lenders": ["B9"]}, 0)],
)  # fmt: skip
def test_bases_are_of_the_loans_that_the_rule_names(some, amount):
    given_ = tables([loan(amount=1_00), loan(amount=2_00, lender_id="B2", party_id="F1",
                                             product_id="Q", start=date(2025, 2, 1))])  # fmt: skip
    found = worked_out(given_, {"base": "new", "what": "lent", **some})
    assert sum(amounts(found).values()) == amount


def test_names_are_told_once_and_an_amount_is_given_or_worked_out():
    with pytest.raises(UsageError, match="same name"):
        LoanBasesRule.make(as_of=END, bases=[LOSS, LOSS])
    found = worked_out(PLAY, LOSS)
    typed = build("base_amount", {"base": ["loss"], "party_id": ["B7"], "period": ["2025-02"],
                                  "amount": [1], "unit": ["CNY"]})  # fmt: skip
    with pytest.raises(DataError, match="given and worked out"):
        share(typed, empty("share"), empty("share_entry"), found["derived_amount"], rule=RULE)


def test_the_step_holds_the_conventions():
    rule = LoanBasesRule.make(as_of=END, bases=[{**LOSS, "part": "70%"}, *OWED])
    check_step(loan_bases, PLAY, rule)


def test_a_share_leads_to_its_loans(tmp_path):
    with ld.open(tmp_path / "b.board", actor="ann") as board:
        board.put("play", PLAY)
        board.run(loan_bases, rule=LoanBasesRule.make(as_of=END, bases=[LOSS, *OWED]))
        board.run(share, rule=RULE)
        why = board.table("share").why(agreement="pact", clause="cover", party="G",
                                       period="2025-02")  # fmt: skip
        assert [r.step for r in why.inputs["derived_amount"]] == ["settle.loan_bases"]
        behind = board.table("derived_loan").rows(base="loss", period="2025-02")
        assert [(r["loan_id"], r["amount"]) for r in behind] == [("L0", 900_00)]
        assert board.check() == []
