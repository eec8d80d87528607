"""Agreements: known answers, and what is refused, with its place."""

from datetime import date

import pyarrow as pa
import pytest

from liandong.errors import AgreementError, DataError, UsageError
from liandong.schema.arrow import build
from liandong.settle import AgreementRule, share
from liandong.settle.agreements import evaluate, faults, growing, parse, read, simulate, told, write
from liandong.testing import check_step

PARK = """
agreement park-7 { unit CNY/2; parties host, home, province; valid 2026-01-01..2035-12-31
  base yearly cumulative = tax.vat.local + tax.cit.local   # two taxes
  tier  <= 10_000_000.00 { host 1/2; home 1/2 }
  tier  <= 50_000_000.00 { host 2/5; home 3/5 }
  tier  rest             { host 3/10; home 7/10 }
  years 6..10 replace tier rest { host 1/2; home 1/2 }
  floor home 2_000_000.00 per year paid by province
  cap   host 30_000_000.00 per year excess to home
  clawback home when invested < 4/5 * pledged before 2029-01-01:
    recover (pledged-invested)/pledged of received, max received
  round quota cumulative tie parties }
losses L { layer first 3% { bank 1 }
  layer next { bank 1/5; fund 2/5; gov 2/5 cap 300_000.00 excess to bank } }
subsidy S { rate min(contract - 1/100, 2/100); day-count act/360; months 1..24; paid by gov }
"""
YUAN = 100
HEAD = "agreement a { unit CNY/2; parties x, y, z; valid 2026-01-01..2030-12-31; base yearly = t;"


def amounts(text, facts):
    """Postings by clause, party and period."""
    return {(p.clause, p.party, p.period): p.amount for p in evaluate(read(text), facts)}


def reasons(text, facts, party):
    return [dict(p.reasons) for p in evaluate(read(text), facts) if p.party == party]


def test_tiers_give_the_known_answer():
    got = amounts(PARK, {("tax.vat.local", "2026"): 73_000_000_01})
    assert got["park-7", "host", "2026"] == 27_900_000_00
    assert got["park-7", "home", "2026"] == 45_100_000_01


def test_layers_give_the_known_answer():
    text = PARK.partition("subsidy")[0]
    got = amounts(text, {("loss", "2026"): 1_000_000_00})
    assert [got["L", p, "2026"] for p in ("bank", "fund", "gov")] == [
        300_000_00, 400_000_00, 300_000_00,
    ]  # fmt: skip
    # 3 % of what is guaranteed is the bank's alone: 300,000; the rest is shared.
    first = amounts(text, {("loss", "2026"): 1_000_000_00, ("principal", "2026"): 10_000_000_00})
    assert [first["L", p, "2026"] for p in ("bank", "fund", "gov")] == [
        440_000_00, 280_000_00, 280_000_00,
    ]  # fmt: skip


def test_years_floors_and_caps():
    tax = {("tax.vat.local", str(y)): a * YUAN for y, a in ((2026, 1_000_000), (2031, 60_000_000))}
    got = amounts(PARK, tax)
    assert [got["park-7", p, "2026"] for p in ("host", "home", "province")] == [
        500_000_00, 2_000_000_00, -1_500_000_00,
    ]  # fmt: skip
    # Year 6: 5 + 16 + 5 million; in 2033 the cap of 30 million binds.
    assert got["park-7", "host", "2031"] == 26_000_000_00
    rich = {("tax.cit.local", "2033"): 90_000_000_00}
    (why,) = reasons(PARK, rich, "host")
    assert why == {"settle.tier(1)": 5_000_000_00, "settle.tier(2)": 16_000_000_00,
                   "settle.tier(3)": 20_000_000_00, "settle.cap": -11_000_000_00}  # fmt: skip
    (why,) = reasons(PARK, rich, "home")
    assert why["settle.excess(host)"] == 11_000_000_00


def test_a_floor_is_settled_when_the_year_is_over():
    months = {("tax.vat.local", f"2026-{m:02}"): 100_000_00 for m in range(1, 13)}
    got = amounts(PARK, months)
    assert got["park-7", "home", "2026-11"] == 50_000_00
    assert got["park-7", "home", "2026-12"] == 2_000_000_00 - 11 * 50_000_00
    assert got["park-7", "province", "2026-12"] == -1_400_000_00


def test_what_was_not_invested_comes_back():
    facts = {("tax.vat.local", y): 10_000_000_00 for y in ("2026", "2027", "2028", "2029")}
    facts |= {("pledged", "2026"): 100_00, ("invested", "2027"): 60_00, ("invested", "2029"): 40_00}
    got = amounts(PARK, facts)
    # Home has 15 million by 2028-12-31; the day after, 40 % of it are due.
    assert got["park-7", "home", "2028"] == 5_000_000_00
    assert got["park-7", "home", "2029"] == 5_000_000_00 - 6_000_000_00
    assert got["park-7", "host", "2029"] == 5_000_000_00 + 6_000_000_00
    enough = {**facts, ("invested", "2027"): 80_00}
    assert amounts(PARK, enough)["park-7", "home", "2029"] == 5_000_000_00


@pytest.mark.parametrize(
    ("count", "paid"), [("act/360", 15_500_00), ("act/365", 15_287_67), ("30/360", 15_000_00)]
)
def test_interest_is_paid_by_days(count, paid):
    text = PARK.replace("act/360", count)
    # 9 million at the lower of 4.35 % - 1 % and 2 %, January 2026.
    facts = {("principal", "2026-01"): 9_000_000_00, ("contract", "2026-01"): 43_500}
    got = amounts(text, facts)
    assert got["S", "borrower", "2026-01"] == paid == -got["S", "gov", "2026-01"]
    low = amounts(text, {**facts, ("contract", "2026-01"): 5_000})
    assert low["S", "borrower", "2026-01"] == 0
    over = {("principal", "2028-01"): 9_000_000_00, ("contract", "2028-01"): 43_500}
    assert amounts(text, over)["S", "borrower", "2028-01"] == 0
    with pytest.raises(DataError, match="contract"):
        amounts(text, {("principal", "2026-01"): 1})


def test_relending_and_a_reserve_are_said_with_what_there_is():
    text = """
    agreement relending { unit CNY/2; parties bank, centre; valid 2026-01-01..2028-12-31
      base cumulative = loans.new
      tier rest { bank 2/5; centre 3/5 }
      cap centre 500_000.00 in total excess to bank }
    subsidy relent { principal = relent; rate 7/400; day-count 30/360; months 1..36
      paid by bank to centre }
    losses reserve { parties pool, bank; base cumulative = loss
      layer next { pool 1/2 cap 80_000.00 excess to bank; bank 1/2 } }
    """.replace("layer next", "layer first")
    got = amounts(text, {
        ("loans.new", "2026"): 1_000_000_00, ("relent", "2026"): 500_000_00,
        ("loss", "2026"): 200_000_00,
    })  # fmt: skip
    assert got["relending", "centre", "2026"] == 500_000_00
    assert got["relent", "centre", "2026"] == 8_750_00
    assert got["reserve", "pool", "2026"] == 80_000_00
    assert got["reserve", "bank", "2026"] == 120_000_00


BAD = [
    # (a part of the text, what takes its place, line, column, offending text, words)
    ("home 1/2 }\n  tier  <= 50", "home 2/3 }\n  tier  <= 50", 4, 3, "10_000_000.00", "7/6"),
    ("home 3/5", "home 2/5", 5, 3, "50_000_000.00", "4/5"),
    ("<= 50_000_000.00", "<= 9_000_000.00", 5, 3, "9_000_000.00", "overlap"),
    ("paid by province", "paid by nobody", 8, 3, "nobody", "no such party"),
    ("paid by province", "paid by province up to 1_999_999.99", 8, 3, "home", "nobody can pay"),
    ("floor home 2_000_000.00", "floor home 2_000_000.001", 8, 14, "2_000_000.001", "2 decimal"),
    ("years 6..10", "years 6..11", 7, 3, "6..11", "outside the validity"),
    ("replace tier rest", "replace tier <= 1.00", 7, 23, "1.00", "no such tier"),
    ("excess to home", "excess to host", 9, 3, "host", "circle"),
    ("before 2029-01-01", "before 2036-01-01", 10, 3, "2036-01-01", "not within the validity"),
    ("tier  rest ", "tier  <= 60_000_000.00 ", 6, 3, "60_000_000.00", "takes the rest"),
    ("months 1..24", "months 1..121", 15, 1, "1..121", "outside the validity"),
    ("cap   host 30_000_000.00 per year", "cap host 1.00 in total", 9, 17, "in", "how the base"),
    ("round quota", "round half", 12, 9, "half", "quota"),
    ("unit CNY/2;", "", 2, 1, "agreement", "`unit`"),
    ("2029-01-01", "2029-02-30", 10, 54, "2029-02-30", "a day is needed"),
    ("act/360", "act/364", 15, 58, "act/364", "day count"),
    ("host 1/2", "host 1/0", 4, 35, "0", "divides by zero"),
    ("paid by gov }", "paid by gov", 16, 1, "end of text", "is needed here"),
    ("paid by gov }", "paid by gov to gov }", 15, 1, "gov", "pays itself"),
    ("losses L", "losses park-7", 13, 1, "park-7", "twice"),
    ("tax.cit.local   # two taxes", "tax.cit.local ? two", 3, 58, "?", "no such sign"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "column", "found", "words"), BAD)
def test_what_cannot_be_kept_is_refused_at_its_place(old, new, line, column, found, words):
    assert old in PARK
    with pytest.raises(AgreementError) as caught:
        read(PARK.replace(old, new, 1))
    told_ = caught.value.params
    assert (told_["line"], told_["column"]) == (line, column)
    assert (told_["found"]["en"] if isinstance(told_["found"], dict) else told_["found"]) == found
    assert words in caught.value.text("en")
    assert told_["remedy"]["zh"]


YEARS = (
    "tier rest { x 1 } years 1..2 replace tier rest { y 1 } years 2..3 replace tier rest { z 1 }"
)
BACK = (
    "tier rest { x 1 } clawback x when i < p before 2027-01-01 recover 2 of received, max received"
)


@pytest.mark.parametrize(
    ("clauses", "words"),
    [
        ("tier rest { x 1 } floor x 5 per year paid by y floor y 5 per year paid by z", "has one"),
        ("tier rest { x 1 } floor x 5 per year paid by y cap x 4 per year excess to z", "above"),
        ("tier rest { x 1 } cap x 4 per year excess to y cap y 4 per year excess to x", "circle"),
        ("tier rest { x 1/2 x 1/2 }", "twice"),
        ("tier rest { x 1 cap 5 excess to x }", "circle"),
        (YEARS, "twice in one year"),
        (BACK, "at most 1"),
    ],
)
def test_clauses_that_contradict_each_other_are_refused(clauses, words):
    assert words in " ".join(e.text("en") for e in faults(parse(f"{HEAD} {clauses} }}")))


def test_a_floor_that_the_least_base_bears_is_none_to_fear():
    floor = "tier rest { x 1/2 y 1/2 } floor x 5_000 per year paid by y up to 1_000 }"
    assert faults(parse(f"{HEAD} {floor}"))
    assert not faults(parse(f"{HEAD.replace('= t;', '= t least 8_000;')} {floor}"))


def test_all_faults_are_told_at_once():
    text = PARK.replace("home 3/5", "home 2/5").replace("paid by province", "paid by nobody")
    assert len(faults(parse(text))) == 2


def test_the_example_reads_as_a_contract():
    agreement = read(PARK)
    assert parse(write(agreement)) == agreement
    zh, en = (told(agreement, lang) for lang in ("zh", "en"))
    assert len(zh) == len(en) == 20
    assert "host 每年不超过 30,000,000.00 CNY，超出部分归 home。" in zh[8]
    assert "home has at least 2,000,000.00 CNY a year" in en[7]


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        (("2026", "2026-01"), "overlaps"),
        (("2026-13",), "no period"),
        (("2026-Q1", "2026-03"), "overlaps"),
    ],
)
def test_periods_that_cannot_be_are_refused(periods, words):
    with pytest.raises(DataError, match=words):
        evaluate(read(PARK), {("tax.vat.local", p): 1 for p in periods})


def test_a_period_partly_within_the_validity_is_refused():
    text = PARK.replace("valid 2026-01-01", "valid 2026-02-01")
    with pytest.raises(DataError, match="only a part"):
        evaluate(read(text), {("tax.vat.local", "2026"): 1})
    assert evaluate(read(text), {("tax.vat.local", "2025"): 1}) == []


def test_webster_tells_when_a_share_is_a_unit_off():
    parts = (1, 4, 4, 4, 4, 4, 4, 99_975)
    named = [f"p{i}" for i in range(8)]
    tier = " ".join(f"{n} {p}/100_000" for n, p in zip(named, parts, strict=True))
    text = (f"agreement a {{ unit CNY/2 parties {', '.join(named)} valid 2026-01-01..2026-12-31 "
            f"base yearly = t tier rest {{ {tier} }} }}")  # fmt: skip
    found = evaluate(read(text), {("t", "2026"): 13_000})
    assert sum(p.amount for p in found) == 13_000
    assert any(("settle.outside", 0) in p.reasons for p in found)


def test_a_simulation_gives_lines_of_a_chart():
    facts = growing({"tax.vat.local": 10_000_000_00}, range(2026, 2029), 0)
    lines = simulate(read(PARK), facts).series()["park-7"]
    assert lines["host"] == dict.fromkeys(("2026", "2027", "2028"), 5_000_000_00)


# --- the step ---------------------------------------------------------------------------------

ROWS = [("t", "R1", "2026-01", 101), ("t", "R2", "2026-01", 100), ("t", "R1", "2026-02", -50)]
RULE = AgreementRule(agreements=[{
    "name": "pact", "parties": {"x": "R1", "y": "R2"},
    "text": HEAD + " tier rest { x 1/2; y 1/2 } }",
}])  # fmt: skip


def base(rows, unit="CNY"):
    names = ("base", "party_id", "period", "amount")
    columns = {n: [r[i] for r in rows] for i, n in enumerate(names)}
    return build("base_amount", {**columns, "unit": [unit] * len(rows)})


def test_the_step_shares_what_arose_anywhere_and_writes_entries():
    got = share(base(ROWS), rule=RULE)
    rows = {(r["party_id"], r["period"]): r["amount"] for r in got["share"].to_pylist()}
    assert rows["R1", "2026-01"] + rows["R2", "2026-01"] == 201
    assert rows["R1", "2026-02"] + rows["R2", "2026-02"] == -50
    entries = {(e["debit"], e["credit"], e["event_time"]): e["amount"]
               for e in got["share_entry"].to_pylist()}  # fmt: skip
    assert entries["income:pact:CNY", "income:R1:CNY", date(2026, 1, 31)] == 101
    assert entries["income:R1:CNY", "income:pact:CNY", date(2026, 2, 28)] == 25


def test_what_was_shared_stays_and_corrections_follow():
    first = share(base(ROWS[:2]), rule=RULE)
    corrected = [("t", "R1", "2026-01", 301), *ROWS[1:]]
    then = share(base(corrected), *first.values(), rule=RULE)
    rows = then["share"].to_pylist()
    kept = pa.Table.from_pylist(rows, first["share"].schema).filter(
        pa.compute.equal(then["share"]["period"], "2026-01")
    )
    assert kept == first["share"]
    assert sum(r["amount"] for r in rows) == 301 + 100 - 50
    later = [c["code"] for r in rows if r["period"] == "2026-02" for c in r["reasons"]]
    assert "settle.revised" in later
    assert share(base(corrected), *then.values(), rule=RULE) == then


def test_the_step_holds_the_conventions():
    check_step(share, {"base_amount": base(ROWS)}, RULE)


def test_wrong_units_and_wrong_texts_are_refused():
    with pytest.raises(DataError, match="comes in tce"):
        share(base(ROWS, "tce"), rule=RULE)
    with pytest.raises(UsageError, match="line 1, column 3"):
        AgreementRule.make(agreements=[{"name": "a", "text": "  agreemnt"}])
    two = [a.model_dump() for a in RULE.agreements] * 2
    with pytest.raises(UsageError, match="same name"):
        AgreementRule.make(agreements=two)
    same = {**two[0], "parties": {"x": "R1", "y": "R1"}}
    with pytest.raises(UsageError, match="same party"):
        AgreementRule.make(agreements=[same])


def test_the_rule_survives_toml():
    assert AgreementRule.from_toml(RULE.to_toml()) == RULE
