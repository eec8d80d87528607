"""Money by region against a plain twin that knows only rows and regions."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random

import pyarrow as pa
import pytest

from liandong.schema.arrow import build
from liandong.survey import money
from liandong.testing import check_step

DAY = date(2024, 6, 30)
REGIONS = {
    "100000": None, "310000": "100000", "320000": "100000", "320500": "320000",
    "320583": "320500", "320506": "320500", "310115": "310000",
}  # fmt: skip
LEAVES = ["310115", "320583", "320506", "320500", "320000", "320481", None]
"""Where parties are; 320481 is not in the table of regions, and belongs to 320000 by its code."""
UP = {
    "310115": ["310115", "310000"], "320583": ["320583", "320500", "320000"],
    "320506": ["320506", "320500", "320000"], "320500": ["320500", "320000"],
    "320000": ["320000"], "320481": ["320481", "320000"], None: [],
}  # fmt: skip


def chain(place: str | None) -> list[str]:
    return [*UP[place], "100000"]


def table(name: str, rows: list[dict]) -> pa.Table:
    return build(name, {n: [r[n] for r in rows] for n in rows[0]})


def economy(seed: int) -> dict[str, pa.Table]:
    """Return tables of a few hundred rows that try every case."""
    r = Random(seed)
    parties = [
        {"party_id": f"P{k}", "kind": r.choice(["firm"] * 4 + ["person", "bank"]),
         "region_id": r.choice(LEAVES), "industry": r.choice(["C39", "F51", "C14", None]),
         "annual_revenue": r.choice([None, 10**8, 10**9, 10**9 + 1, 10**11])}
        for k in range(80)
    ]  # fmt: skip
    who = [p["party_id"] for p in parties] + ["STRANGER"]
    accounts = [
        {"account_id": f"A{k}", "party_id": r.choice(who), "kind": "current",
         "opening_balance": 0, "currency": r.choice([None] * 9 + ["USD"])}
        for k in range(60)
    ]  # fmt: skip
    loans = [
        {"loan_id": f"L{k}", "party_id": r.choice(who), "lender_id": "B",
         "account_id": f"A{r.randrange(60)}", "amount": r.choice([10**8, 7, 10**13 + 3]),
         "rate": r.choice([None, 43_500, 999_999]), "start": DAY + timedelta(r.randrange(-90, 5)),
         "term_months": 12, "status": r.choice(["current", "repaid", "default"])}
        for k in range(120)
    ]  # fmt: skip
    at = datetime(2024, 6, 30, 15, tzinfo=UTC)
    return {
        "party": table("party", parties),
        "region": table("region", [{"region_id": k, "parent_id": v, "name": k, "level": "county"}
                                   for k, v in REGIONS.items()]),
        "loan": table("loan", loans),
        "bank_account": table("bank_account", accounts),
        "provision": table("provision", [
            {"loan_id": f"L{k}", "as_of": DAY - timedelta(k % 2), "party_id": r.choice(who),
             "stage": 1, "pd": 1, "lgd": 1, "ead": r.randrange(10**9), "ecl_year": r.randrange(99),
             "ecl_life": 0, "provision": r.randrange(10**6), "base": 0, "down": 0, "up": 0,
             "risk_weight": 0, "capital": 0, "reasons": []} for k in range(100)]),
        "event": table("event", [
            {"event_id": f"E{k}", "party_id": r.choice(who),
             "kind": r.choice(["default", "penalty"]), "at": DAY - timedelta(r.randrange(-3, 800)),
             "seen_at": r.choice([None, DAY, DAY + timedelta(1)])}
            for k in range(60)]),
        "idle": table("idle", [
            {"loan_id": f"L{k}", "use": "deposit", "amount": 5 + k, "loan_money": 0, "share": 1,
             "days": 1.0, "flows": 1, "level": "red", "reasons": []} for k in range(0, 130, 3)]),
        "holding": table("holding", [
            {"method": r.choice(["fifo", "fifo", "lifo"]), "loan_id": f"L{k % 125}",
             "place": f"A{k % 70}" if k % 9 else f"CASH{k}", "amount": r.randrange(-5, 10**9),
             "kind": r.choice(["held", "sink", "repaid"])} for k in range(200)]),
        "edge": table("edge", [
            {"src": r.choice(who), "dst": r.choice(who), "kind": r.choice(["guarantees", "owns"]),
             "valid_from": date(2020, 1, 1) + timedelta(k), "weight": r.choice([None, 10**7]),
             "valid_to": r.choice([None, DAY, date(2023, 1, 1)])} for k in range(90)]),
        "alert": build("alert", {
            "alert_id": [f"W{k}" for k in range(60)], "group_id": ["G"] * 60,
            "state": ["open"] * 60, "party_id": [r.choice(who) for _ in range(60)],
            "rule": ["r"] * 60, "code": ["c"] * 60,
            "level": [r.choice(["red", "orange", "yellow"]) for _ in range(60)],
            "opened_at": [at + timedelta(hours=k - 30) for k in range(60)],
            "seen_at": [at] * 60, "last_at": [at] * 60,
            "closed_at": [r.choice([None, at, at + timedelta(days=2)]) for _ in range(60)],
            "warnings": [1] * 60, "reasons": [[]] * 60}),
    }  # fmt: skip


class Twin:
    """Adds up row by row."""

    def __init__(self, tables: dict[str, pa.Table]) -> None:
        self.rows = {n: t.to_pylist() for n, t in tables.items()}
        self.party = {p["party_id"]: p for p in self.rows["party"]}
        self.account = {a["account_id"]: a for a in self.rows["bank_account"]}
        self.loans = [x for x in self.rows["loan"] if x["start"] <= DAY]
        self.home = [
            x for x in self.loans if self.account[x["account_id"]]["currency"] in {None, "CNY"}
        ]
        self.by_id = {x["loan_id"]: x for x in self.home}
        self.sums: dict[tuple[str, str, str], int] = defaultdict(int)
        for part in (self.people, self.lending, self.risk, self.watched, self.lying):
            part()

    def region(self, who: str) -> str | None:
        return self.party.get(who, {"region_id": None})["region_id"]

    def put(self, measure: str, who: str, amount: int, place: list[str] | None = None) -> None:
        section = (self.party.get(who, {"industry": None})["industry"] or "*")[:1]
        for region in chain(self.region(who)) if place is None else place:
            for part in {"*", section}:
                self.sums[region, part, measure] += amount

    def people(self) -> None:
        borrowers = {x["party_id"] for x in self.home}
        failed = {
            e["party_id"] for e in self.rows["event"]
            if e["kind"] == "default" and (e["seen_at"] or e["at"]) <= DAY
            and DAY - timedelta(364) <= e["at"]
        }  # fmt: skip
        for who in (p["party_id"] for p in self.party.values() if p["kind"] == "firm"):
            self.put("firms", who, 1)
            self.put("borrowers", who, who in borrowers)
            self.put("defaults", who, who in failed)

    def lending(self) -> None:
        for x in self.loans:
            if x not in self.home:
                self.put("other_currency", x["party_id"], 1)
        for x in self.home:
            who, amount = x["party_id"], x["amount"]
            revenue = self.party.get(who, {}).get("annual_revenue")
            self.put("loans", who, 1)
            self.put("lent", who, amount)
            self.put("interest", who, amount * (x["rate"] or 0))
            self.put("priced", who, amount * (x["rate"] is not None))
            self.put("sized", who, amount * (revenue is not None))
            self.put("micro", who, amount * (revenue is not None and revenue <= 10**9))
            self.put("small", who, amount <= 10**8)
            self.put("defaulted", who, amount * (x["status"] == "default"))

    def risk(self) -> None:
        for v in self.rows["provision"]:
            if v["as_of"] == DAY:
                self.put("balance", v["party_id"], v["ead"])
                self.put("provision", v["party_id"], v["provision"])
                self.put("loss_year", v["party_id"], v["ecl_year"])
        for i in self.rows["idle"]:
            if i["loan_id"] in self.by_id:
                self.put("idle", self.by_id[i["loan_id"]]["party_id"], i["amount"])

    def watched(self) -> None:
        end = datetime(2024, 6, 30, 16, tzinfo=UTC)  # the end of the day in China
        for a in self.rows["alert"]:
            if a["opened_at"] < end and not (a["closed_at"] and a["closed_at"] < end):
                self.put(f"alerts_{a['level']}", a["party_id"], 1)
        for e in self.rows["edge"]:
            if e["kind"] == "guarantees" and not (e["valid_to"] and e["valid_to"] < DAY):
                self.put("guarantees_given", e["src"], e["weight"] or 0)
                self.put("guarantees_received", e["dst"], e["weight"] or 0)

    def lying(self) -> None:
        for h in self.rows["holding"]:
            if h["method"] != "fifo" or h["kind"] == "repaid" or h["loan_id"] not in self.by_id:
                continue
            who = self.by_id[h["loan_id"]]["party_id"]
            own = chain(self.region(who))
            holder = self.region(self.account.get(h["place"], {"party_id": ""})["party_id"])
            if holder is None:
                self.put("goes_unknown", who, h["amount"], own)
                continue
            there = chain(holder)
            self.put("stays", who, h["amount"], [r for r in own if r in there])
            self.put("goes_out", who, h["amount"], [r for r in own if r not in there])
            self.put("comes_in", who, h["amount"], [r for r in there if r not in own])


def share(over: int, under: int, scale: int = 10**6) -> int:
    return int(Fraction(scale * over, under) + Fraction(1, 2))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_figure_is_that_of_the_plain_twin(seed: int) -> None:
    tables = economy(seed)
    made = money(*(tables[n] for n in money.reads), as_of=DAY)["region_money"].to_pylist()
    found = {(r["region_id"], r["industry"], r["measure"]): r["value"] for r in made}
    sums = Twin(tables).sums
    ratios = {
        "covered": ("borrowers", "firms", 10**6), "price": ("interest", "priced", 1),
        "micro_share": ("micro", "sized", 10**6), "small_loan_share": ("small", "loans", 10**6),
        "default_share": ("defaulted", "lent", 10**6), "idle_share": ("idle", "lent", 10**6),
        "expected_loss_rate": ("loss_year", "balance", 10**6),
    }  # fmt: skip
    places = {(region, part) for region, part, _ in sums}
    plain = {m for *_, m in sums} - {"interest", "priced", "micro", "sized", "small"}
    wanted = {(*p, m): sums.get((*p, m), 0) for p in places for m in plain}
    for name, (over, under, scale) in ratios.items():
        wanted |= {(*p, name): share(sums[*p, over], sums[*p, under], scale)
                   for p in places if sums.get((*p, under), 0) > 0}  # fmt: skip
    assert found == wanted
    assert {r["unit"] for r in made} == {"fen", "ppm", "number"}


def test_what_is_not_there_is_no_figure() -> None:
    full = economy(1)
    bare = {n: full[n] if n in {"party", "region"} else full[n].slice(0, 0) for n in full}
    made = money(*(bare[n] for n in money.reads), as_of=DAY)["region_money"]
    assert set(made["measure"].to_pylist()) == {"firms"}
    late = {**full, "provision": full["provision"].slice(0, 0)}
    named = money(*(late[n] for n in money.reads), as_of=DAY)["region_money"]["measure"]
    assert not {"balance", "provision", "expected_loss_rate"} & set(named.to_pylist())


def test_the_step_holds_the_conventions(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    check_step(money, economy(4), money.rule(as_of=DAY), boards=[str(tmp_path / "s.board")])
