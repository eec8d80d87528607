"""Agreements at work: the amounts they share out, what everybody gets, and entries of it."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.ledger import ENTRY, RUN_ID

_UNIT = Field("unit", "id", "计量单位", "Unit")

BASE_AMOUNT = Table(
    "base_amount",
    "分成基数",
    "Base amount",
    ("base", "party_id", "period"),
    (
        Field("base", "id", "基数名称", "Base"),
        Field("party_id", "id", "发生主体或地区", "Party or region where it arises"),
        Field("period", "id", "期间", "Period"),
        Field("amount", "money", "数额", "Amount", "minor units; of a rate, ppm"),
        _UNIT,
    ),
)

DERIVED_AMOUNT = Table(
    "derived_amount",
    "推算的分成基数",
    "Base amount worked out",
    BASE_AMOUNT.key,
    (*BASE_AMOUNT.fields, Field("reasons", "reasons", "理由", "Reasons")),
)

DERIVED_LOAN = Table(
    "derived_loan",
    "分成基数所含贷款",
    "Loan behind a base amount",
    (*BASE_AMOUNT.key, "loan_id"),
    (
        *BASE_AMOUNT.fields[:3],
        Field("loan_id", "id", "贷款", "Loan"),
        Field("amount", "money", "数额", "Amount", "CNY fen"),
    ),
)

SHARE = Table(
    "share",
    "协议分成",
    "Share",
    ("agreement", "clause", "party_id", "period"),
    (
        Field("agreement", "id", "协议", "Agreement"),
        Field("clause", "id", "条款", "Clause"),
        Field("party_id", "id", "当事方", "Party"),
        Field("period", "id", "期间", "Period"),
        Field("amount", "money", "数额", "Amount", "minor units"),
        _UNIT,
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

SHARE_ENTRY = Table(
    "share_entry",
    "分成分录",
    "Entry of a share",
    ENTRY.key,
    tuple(f for f in ENTRY.fields if f != RUN_ID and not f.later),
)

TABLES = (BASE_AMOUNT, DERIVED_AMOUNT, DERIVED_LOAN, SHARE, SHARE_ENTRY)
"""Entries have the fields of the ledger's own."""
