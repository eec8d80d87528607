"""Statistics released under differential privacy: what budgets were given, and what came out."""

from typing import Literal, get_args

from liandong.schema.field import Field, Table
from liandong.schema.tables.parties import PARTY

EPSILON, EPSILON_PLACES = "epsilon", 6
"""Unit of privacy budgets in the ledger, counted in millionths: as agreements write, epsilon/6."""
LEAST_EPSILON, MOST_EPSILON = 1_000, 10_000_000
"""Least and most epsilon in one entry, in millionths.

Below, noise drowns everything, and 1 was meant as one and not as a millionth; beyond ten, noise
hides next to nothing.
"""
Attribute = Literal["region_id", "industry", "kind", "size_class"]
"""What parties are grouped by."""
Dataset = Literal["event", "loan", "party", "project", "signal"]
"""Tables whose rows each belong to one party, ``party_id``."""
ATTRIBUTES: tuple[Attribute, ...] = get_args(Attribute)
DATASETS: tuple[Dataset, ...] = get_args(Dataset)
_RECEIVER = Field("receiver_id", "id", "接收方", "Receiver")
_DATASET = Field("dataset", "choice", "数据集", "Data set", choices=DATASETS)


def _epsilon(zh: str, en: str) -> Field:
    return Field("epsilon", "int", zh, en, "epsilon/6", low=LEAST_EPSILON, high=MOST_EPSILON)


PRIVACY_GRANT = Table(
    "privacy_grant",
    "隐私预算授予",
    "Privacy budget granted",
    ("grant_id",),
    (
        Field("grant_id", "id", "授予编号", "Grant"),
        _RECEIVER,
        _DATASET,
        _epsilon("授予的预算（百万分之一 ε）", "Budget granted (millionths of ε)"),
        Field("granted_on", "date", "授予日", "Granted on"),
        Field("basis", "text", "依据", "Basis", null=True),
    ),
)

RELEASED = Table(
    "released",
    "发布统计",
    "Released statistic",
    ("release", "cell"),
    (
        Field("release", "id", "发布", "Release"),
        Field("cell", "int", "格", "Cell", low=1),
        _RECEIVER,
        _DATASET,
        Field("summed", "id", "加总字段", "Field summed", null=True),
        *(
            Field(f.name, f.kind, f.zh, f.en, null=True, choices=f.choices)
            for f in (PARTY.field(name) for name in ATTRIBUTES)
        ),
        Field("value", "int", "带噪数值", "Value with noise"),
        Field("unit", "text", "单位", "Unit", null=True),
        Field("low", "int", "区间下限（95%）", "From (95 %)"),
        Field("high", "int", "区间上限（95%）", "To (95 %)"),
        Field("scale", "float", "噪声尺度", "Scale of the noise"),
        _epsilon("所耗预算（百万分之一 ε）", "Budget spent (millionths of ε)"),
        Field("rule_id", "id", "发布规则", "Order"),
    ),
)

TABLES = (PRIVACY_GRANT, RELEASED)
