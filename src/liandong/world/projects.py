"""What firms ask for on the last day, what lenders offer to whom, and how rates are taken."""

import datetime as dt
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import WAN, Floats, Ints, choose, dates, numbered, pick
from liandong.world.credit import Failures
from liandong.world.firms import Cast, Firms
from liandong.world.industries import CODES
from liandong.world.months import Months
from liandong.world.names import BANKS
from liandong.world.regions import MAINLAND
from liandong.world.rule import WorldRule, planted_count
from liandong.world.splits import Wishes

TERMS = (6, 12, 12, 24, 36)
PURPOSES = ("流动资金周转", "原材料采购", "设备更新改造", "技术研发", "厂房扩建", "仓储物流建设")


def project_table(
    rule: WorldRule, firms: Firms, failures: Failures, cast: Cast, months: Months, rng: Generator
) -> pa.Table:
    """Return ``project``: what some of the open firms ask for on the last day."""
    still = np.flatnonzero(failures.closed >= months.count)
    firm = np.sort(choose(rng, still, planted_count(rule.projects, len(firms))))
    rows = len(firm)
    wish = firms.revenue[firm] * rng.lognormal(-1.8, 0.7, rows)
    need = np.clip(np.rint(wish / 1e4), 5, 20_000).astype(np.int64) * WAN
    term = rng.choice(TERMS, rows)
    purpose = rng.integers(0, len(PURPOSES), rows)
    day = np.full(rows, months.end - 1)
    return _rows(firms, cast, firm, _Wish(need, term, purpose, day), 0)


def further_projects(wishes: Wishes, firms: Firms, cast: Cast, before: int) -> pa.Table:
    """Return ``project`` for wishes; ``before`` projects have lower numbers."""
    firm = pc.index_in(pa.array(wishes.party, pa.string()), value_set=cast.ids)
    kind = np.array(wishes.kind, np.int64)
    term = np.array(TERMS)[kind % len(TERMS)]
    need, day = np.array(wishes.need, np.int64) * WAN, np.array(wishes.day, np.int64)
    wish = _Wish(need, term, kind % len(PURPOSES), day)
    return _rows(firms, cast, firm.to_numpy().astype(np.int64), wish, before)


class _Wish(NamedTuple):
    """What each applicant wants: fen, months, which purpose, and since which day."""

    need: Ints
    term: Ints
    purpose: Ints
    day: Ints


def _rows(firms: Firms, cast: Cast, firm: Ints, wish: _Wish, before: int) -> pa.Table:
    return build("project", {
        "project_id": numbered("R", np.arange(1, len(firm) + 1) + before, 6),
        "party_id": pick(cast.ids, firm),
        "need": wish.need,
        "term_months": wish.term,
        "purpose": pick(PURPOSES, wish.purpose),
        "region_id": pick([p.adcode for p in MAINLAND], firms.region[firm]),
        "industry": pick(CODES, firms.industry[firm]),
        "asked_on": dates(wish.day),
    })  # fmt: skip


class Offer(NamedTuple):
    """A kind of product: amounts in 10,000 yuan, rates in ppm, ``part`` of the lenders' money."""

    name: str
    least: int
    most: int
    step: int
    min_rate: int
    max_rate: int
    term: int
    operating: int
    lgd: int
    cover: int
    part: float


OFFERS = (
    Offer("小微信用贷", 5, 100, 1, 40_000, 120_000, 12, 12_000, 500_000, 0, 0.8),
    Offer("税票贷", 10, 300, 1, 38_000, 100_000, 12, 9_000, 450_000, 0, 1.0),
    Offer("流动资金贷", 100, 2_000, 10, 35_000, 85_000, 12, 6_000, 400_000, 0, 1.3),
    Offer("设备更新贷", 50, 3_000, 10, 36_000, 80_000, 36, 7_000, 400_000, 0, 1.1),
    Offer("科创担保贷", 50, 1_000, 10, 34_000, 75_000, 24, 8_000, 450_000, 500_000, 0.8),
)
ENGLISH = {
    "小微信用贷": "credit loan for small firms", "税票贷": "loan on tax and invoices",
    "流动资金贷": "working capital loan", "设备更新贷": "equipment loan",
    "科创担保贷": "guaranteed technology loan",
}  # fmt: skip
OFFERS_A_BANK = 2
CAPACITY_TO_NEED = 0.6
"""All lenders' money over all needs: not everybody can be served."""


def product_table(need: int, cast: Cast, rng: Generator) -> pa.Table:
    """Return ``product``: two a bank, with capacity for a part of the ``need`` (fen) in all."""
    rows = len(BANKS.han) * OFFERS_A_BANK
    bank = np.repeat(np.arange(len(BANKS.han)), OFFERS_A_BANK)
    offers = [OFFERS[i % len(OFFERS)] for i in range(rows)]
    part = np.array([o.part for o in offers]) * rng.uniform(0.7, 1.3, rows)
    capacity = np.rint(part / part.sum() * need * CAPACITY_TO_NEED / WAN).astype(np.int64) * WAN
    return build("product", {
        "product_id": numbered("K", np.arange(1, rows + 1), 3),
        "lender_id": pick(cast.ids, cast.bank + bank),
        "name": [f"{BANKS.han[b]}银行{o.name}" for b, o in zip(bank, offers, strict=True)],
        "name_en": [
            f"{BANKS.pinyin[b]} Bank {ENGLISH[o.name]}" for b, o in zip(bank, offers, strict=True)
        ],
        "min_amount": [o.least * WAN for o in offers],
        "max_amount": [o.most * WAN for o in offers],
        "step_amount": [o.step * WAN for o in offers],
        "min_rate": [o.min_rate for o in offers],
        "max_rate": [o.max_rate for o in offers],
        "term_months": [o.term for o in offers],
        "capacity": capacity,
        "funding_rate": (180 + rng.integers(0, 50, rows)).astype(np.int32) * 100,
        "operating_rate": [o.operating for o in offers],
        "lgd": [o.lgd for o in offers],
        "guarantee_cover": [o.cover for o in offers],
    })  # fmt: skip


SINCE = dt.date(2015, 1, 1)
"""Criteria of the world hold from this day on."""
ASKED: dict[str, tuple[tuple[str, str, int | None, int | None], ...]] = {
    "小微信用贷": (("size", "micro", None, None), ("size", "small", None, None),
               ("age", "-", 180, None)),
    "税票贷": (("age", "-", 365, None), ("pd", "-", None, 80_000)),
    "流动资金贷": (("age", "-", 730, None), ("staff", "-", 5, None)),
    "设备更新贷": (("purpose", "设备", None, None), ("purpose", "厂房", None, None),
               ("age", "-", 365, None)),
    "科创担保贷": (("industry", "C", None, None), ("industry", "I", None, None),
               ("industry", "M", None, None), ("age", "-", 365, None)),
}  # fmt: skip
"""Whom each kind of product is for: measure, member, from, to."""
CLOSED_TO = (("小微信用贷", "K70", "本行授信政策：房地产业不适用信用贷款"),)
"""What lenders do not want: kind of product, industry, and on what basis."""


def criterion_table() -> pa.Table:
    """Return ``criterion``: whom the products of the world are for."""
    rows: list[tuple[str, str, str, int | None, int | None, str | None]] = []
    for i in range(len(BANKS.han) * OFFERS_A_BANK):
        product, name = f"K{i + 1:03d}", OFFERS[i % len(OFFERS)].name
        rows += [(product, *asked, None) for asked in ASKED[name]]
        rows += [
            (product, "not_industry", code, None, None, basis)
            for kind, code, basis in CLOSED_TO
            if kind == name
        ]
    names = ("product_id", "measure", "member", "low", "high", "basis")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return build("criterion", {**columns, "valid_from": [SINCE] * len(rows)})


GRADES = {"A": 0.040, "B": 0.050, "C": 0.060}
"""Distance above the lowest rate at which 63 % of the borrowers of a grade go elsewhere."""
RATE_STEPS = 29


def churn_table() -> pa.Table:
    """Return ``churn``: the share of borrowers lost at 4 % to 15 % a year.

    A Weibull curve, 1 - exp(-((rate - 4 %) / scale)^1.5); the better the grade, the sooner.
    """
    rate: Ints = np.rint(np.linspace(400, 1_500, RATE_STEPS)).astype(np.int64) * 100
    lost: list[Floats] = [-np.expm1(-(((rate / 1e6 - 0.04) / s) ** 1.5)) for s in GRADES.values()]
    return build("churn", {
        "grade": np.repeat(list(GRADES), RATE_STEPS),
        "rate": np.tile(rate, len(GRADES)).astype(np.int32),
        "lost": np.rint(np.concatenate(lost) * 1e6).astype(np.int32),
    })  # fmt: skip
