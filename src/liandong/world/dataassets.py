"""Data assets of firms: what they cost and earn, sales of like data, pledges, some twice."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import build
from liandong.schema.tables.dataassets import QUALITIES
from liandong.types import Rate
from liandong.world.arrays import choose
from liandong.world.credit import loan_table
from liandong.world.industries import CODES
from liandong.world.names import BANKS
from liandong.world.rule import planted_count
from liandong.world.truth import Fact

if TYPE_CHECKING:
    from liandong.world.economy import Economy

Row = dict[str, Any]

HOLDERS = Rate(50_000)
"""Share of the firms that hold a data asset besides those with a part to play."""
PLANTED = Rate(500)
"""Cases of each kind per firm."""
HALF = 500_000
SUBJECTS = ("设备运行", "订单履约", "物流轨迹", "能耗计量", "质量检测", "商户经营")
KINDS = ("dataset", "service", "report", "model")
COSTS = {"preliminary": 0.1, "direct": 0.6, "indirect": 0.15, "tax": 0.03}
"""Kinds of cost with their part of what an asset took to make."""
PERSONAL = {"none": 0.6, "consented": 0.15, "anonymised": 0.15, "unproved": 0.1}
SALES = 4
"""Sales of like data, for each asset."""
QUARTERS, DAYS = 8, 91
"""Periods of income before the last day, and the days of each."""
FOUNDED = timedelta(900)
"""Assets are registered up to so long before the last day."""


@dataclass
class Holdings:
    """Rows of the tables of data assets by name, and the cases among them."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    facts: list[Fact] = field(default_factory=list)

    def table(self, name: str) -> pa.Table:
        """Return one of the tables."""
        rows = self.rows[name]
        names = sorted({n for r in rows for n in r})
        return build(name, {n: [r.get(n) for r in rows] for n in names})


class _Registry:
    """Where data assets of an economy are registered, one after the other."""

    def __init__(self, e: "Economy") -> None:
        self.rng = e.rng["data_assets"]
        self.found = Holdings()
        self.rows = self.found.rows
        self.end = date(1970, 1, 1) + timedelta(e.months.end - 1)
        ids = e.cast.ids.to_pylist()
        self.firms = ids[: e.cast.firms]
        self.banks = ids[e.cast.bank : e.cast.bank + len(BANKS.han)]
        self.industry = {f: CODES[i] for f, i in zip(self.firms, e.firms.industry, strict=False)}

    def fact(self, kind: str, asset: Row, other: str, day: date, amount: int | None) -> None:
        """Note a case."""
        days = (day - date(1970, 1, 1)).days
        self.found.facts.append(Fact(kind, asset["asset_id"], other, days, amount, {}))

    def register(self, holder: str, **fields: object) -> Row:
        """Register an asset with what it cost, and sales of data like it; return its row."""
        rng, n = self.rng, len(self.rows["data_asset"]) + 1
        kind = KINDS[int(rng.integers(0, len(KINDS)))]
        since = self.end - timedelta(int(rng.integers(400, FOUNDED.days)))
        asset = {
            "asset_id": f"D{n:05d}", "party_id": holder, "kind": kind,
            "name": SUBJECTS[n % len(SUBJECTS)] + "数据", "industry": self.industry[holder],
            "holds": True, "processes": True, "operates": bool(rng.random() < 0.9),
            "registry": "省数据登记中心", "certificate": f"SJ{since.year}-{n:06d}",
            "valid_from": since, "valid_to": self.end + timedelta(int(rng.integers(300, 1_500))),
            "fingerprint": hashlib.sha256(f"{holder}/{n}".encode()).hexdigest(),
            "records": int(rng.lognormal(13, 1)) + 1_000,
            "personal": str(rng.choice(list(PERSONAL), p=list(PERSONAL.values()))),
            **{q: int(rng.integers(650, 1_000)) * 1_000 for q in QUALITIES},
            **fields,
        }  # fmt: skip
        self.rows["data_asset"].append(asset)
        worth = float(rng.lognormal(14.6, 0.6))  # about 2.2 million yuan
        for cost, part in COSTS.items():
            fen = round(worth * part * 100)
            self.rows["data_cost"].append({"asset_id": asset["asset_id"], "kind": cost,
                                           "year": since.year, "amount": fen})  # fmt: skip
        for _ in range(SALES):
            self._sell(asset, worth)
        self._earn(asset, worth)
        return asset

    def _sell(self, like: Row, worth: float) -> None:
        rng, n = self.rng, len(self.rows["data_sale"]) + 1
        self.rows["data_sale"].append({
            "sale_id": f"DS{n:05d}", "kind": like["kind"], "industry": like["industry"],
            "scope": "whole" if rng.random() < 0.8 else "licence",
            "sold_on": self.end - timedelta(int(rng.integers(0, 700))),
            "records": max(int(like["records"] * rng.lognormal(0, 0.5)), 1),
            "quality": int(rng.integers(650, 1_000)) * 1_000,
            "amount": round(worth * rng.lognormal(0, 0.3) * 100),
        })  # fmt: skip

    def _earn(self, asset: Row, worth: float) -> None:
        """Let some firms pay for the asset each quarter since it was registered."""
        rng = self.rng
        by = [self.firms[int(i)] for i in rng.integers(0, len(self.firms), rng.integers(0, 5))]
        weight = rng.dirichlet(np.full(max(len(by), 1), 2.0))
        for licensee, part in zip(by, weight, strict=False):
            self.license(asset, licensee, worth * 0.45 / 4 * part)

    def license(self, asset: Row, licensee: str, quarterly: float) -> int:
        """Let a firm pay about so many yuan a quarter; return the fen of all."""
        total = 0
        for k in range(QUARTERS, 0, -1):
            begin = self.end - timedelta(DAYS * k - 1)
            if begin < asset["valid_from"]:
                continue
            fen = round(quarterly * self.rng.lognormal(0, 0.1) * 100)
            total += fen
            self.rows["data_income"].append({
                "income_id": f"DI{len(self.rows['data_income']) + 1:06d}",
                "asset_id": asset["asset_id"], "licensee_id": licensee, "valid_from": begin,
                "valid_to": begin + timedelta(DAYS - 1), "amount": fen,
            })  # fmt: skip
        return total

    def pledge(self, asset: Row, lender: str, day: date, secured: int, loan: str | None) -> Row:
        """Enter a pledge; return its row."""
        row = {
            "pledge_id": f"DP{len(self.rows['data_pledge']) + 1:05d}", "lender_id": lender,
            "loan_id": loan, "secured": secured, "pledged_on": day,
            **{n: asset[n] for n in ("asset_id", "fingerprint", "certificate")},
        }  # fmt: skip
        self.rows["data_pledge"].append(row)
        return row


def draw_holdings(e: "Economy") -> Holdings:
    """Draw data assets: of firms that ask for money, of borrowers, and of the cases planted."""
    office, cases = _Registry(e), planted_count(PLANTED, len(e.firms))
    asked = dict(zip(*(e.asked_alone[n].to_pylist() for n in ("party_id", "project_id")),
                     strict=True))  # fmt: skip
    asking = np.array(sorted(asked))
    for firm in choose(office.rng, asking, planted_count(HOLDERS, len(e.firms))).tolist():
        asset = office.register(firm)
        office.rows["data_collateral"].append({"project_id": asked[firm],
                                               "asset_id": asset["asset_id"]})  # fmt: skip
    _pledged(office, e, cases)
    _self_dealing(office, e, cases)
    for firm in choose(office.rng, np.array(office.firms), cases).tolist():
        ended = office.end - timedelta(int(office.rng.integers(10, 200)))
        office.fact("data_right_lapsed", office.register(firm, valid_to=ended), firm, ended, None)
    return office.found


def _pledged(office: _Registry, e: "Economy", cases: int) -> None:
    """Have borrowers pledge an asset for a loan, and some the same content elsewhere again."""
    loan = loan_table(e.loans, e.failures, e.accounts.ids, e.cast, e.months)
    current = loan.filter(pc.equal(loan["status"], "current")).to_pylist()
    rows = choose(office.rng, np.arange(len(current)), 3 * cases).tolist()
    for n, row in enumerate(current[i] for i in rows):
        asset = office.register(row["party_id"], valid_from=row["start"] - timedelta(30))
        part = int(office.rng.integers(20, 60))
        secured = max(min(row["amount"], 10**8) * part // 100, 1)
        first = office.pledge(asset, row["lender_id"], row["start"], secured, row["loan_id"])
        if n < cases:
            later = min(row["start"] + timedelta(20), office.end)
            twin = office.register(row["party_id"], valid_from=later, name=asset["name"],
                                   fingerprint=asset["fingerprint"])  # fmt: skip
            others = [b for b in office.banks if b != row["lender_id"]]
            second = office.pledge(twin, str(office.rng.choice(others)), later, secured, None)
            office.fact("data_pledged_twice", twin, asset["asset_id"], later, second["secured"])
            office.found.facts[-1].detail["pledges"] = [first["pledge_id"], second["pledge_id"]]


def _self_dealing(office: _Registry, e: "Economy", cases: int) -> None:
    """Have firms license data to another one of the same owner, and to nobody else."""
    under: dict[str, list[str]] = defaultdict(list)
    for edge in e.edges.to_pylist():
        most = edge["kind"] == "owns" and edge["share"] > HALF
        if edge["kind"] == "controls" or most:
            under[edge["src"]].append(edge["dst"])
    pairs = sorted((firms[0], firms[1]) for firms in under.values() if len(set(firms)) > 1)
    for i in choose(office.rng, np.arange(len(pairs)), cases).tolist():
        holder, licensee = pairs[i]
        asset = office.register(holder)
        office.rows["data_income"] = [r for r in office.rows["data_income"]
                                      if r["asset_id"] != asset["asset_id"]]  # fmt: skip
        paid = office.license(asset, licensee, 300_000.0)
        office.fact("data_self_dealing", asset, licensee, asset["valid_from"], paid)


def _table(e: "Economy", name: str) -> pa.Table:
    return e.holdings.table(name)


TABLES = {
    name: partial(_table, name=name)
    for name in ("data_asset", "data_cost", "data_income", "data_sale", "data_collateral",
                 "data_pledge")
}  # fmt: skip
"""How the tables of this topic are made."""
