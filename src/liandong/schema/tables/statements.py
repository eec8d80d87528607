"""Statements of parties, lines of banks, and what of both tells of the same payment."""

from liandong.schema.field import Field, Table

_ACCOUNT = Field("account_id", "id", "账户编号", "Account")
_OWNER = Field("owner_id", "id", "户主", "Owner")
_UNIT = Field("unit", "id", "计量单位", "Unit")
_REASONS = Field("reasons", "reasons", "理由", "Reasons")
_LINE = Field("line_id", "id", "流水编号", "Bank line")
_ENTRY = Field("entry_id", "id", "分录编号", "Entry")


def _sum(name: str, zh: str, en: str) -> Field:
    return Field(name, "int", zh, en, "minor units")


BANK_LINE = Table(
    "bank_line",
    "银行流水",
    "Bank line",
    ("line_id",),
    (
        _LINE,
        _ACCOUNT,
        Field("day", "date", "日期", "Day"),
        Field("amount", "money", "金额", "Amount", "minor units; money out is negative"),
        _UNIT,
        Field("ref", "id", "附言编号", "Reference", null=True),
        Field("text", "text", "摘要", "Text", null=True, personal="text"),
    ),
)

BANK_MATCH = Table(
    "bank_match",
    "对账配对",
    "Matched bank line",
    ("line_id", "entry_id"),
    (
        _LINE,
        _ENTRY,
        _ACCOUNT,
        Field("amount", "money", "金额", "Amount", "minor units; money out is negative"),
        Field(
            "method", "choice", "配对依据", "Matched by",
            choices=("reference", "amount", "sum"),
        ),
        Field("days", "int", "银行晚于账面的天数", "Days that the bank is later"),
        Field("choices", "int", "同样合适的分录数", "Entries that fit as well", low=1),
    ),
)  # fmt: skip

BANK_OPEN = Table(
    "bank_open",
    "未达账项",
    "Open item",
    ("side", "item_id", "account_id"),
    (
        Field("side", "choice", "哪一方", "Side", choices=("bank", "books")),
        Field("item_id", "id", "流水或分录编号", "Bank line or entry"),
        _ACCOUNT,
        Field("day", "date", "日期", "Day"),
        Field("amount", "money", "金额", "Amount", "minor units; money out is negative"),
        _REASONS,
    ),
)

BANK_DIFFERENCE = Table(
    "bank_difference",
    "对账差额",
    "Difference to the bank",
    ("account_id",),
    (
        _ACCOUNT,
        _OWNER,
        _UNIT,
        Field("lines", "int", "银行笔数", "Bank lines"),
        Field("entries", "int", "账面笔数", "Entries"),
        Field("matched", "int", "已配对的银行笔数", "Bank lines matched"),
        _sum("bank", "银行发生额", "By the bank"),
        _sum("books", "账面发生额", "By the books"),
        _sum("bank_open", "银行未达", "Open at the bank"),
        _sum("books_open", "账面未达", "Open in the books"),
        _sum("difference", "差额", "Difference"),
    ),
)

STATEMENT = Table(
    "statement",
    "对账单",
    "Statement",
    ("account_id", "period"),
    (
        _ACCOUNT,
        _OWNER,
        _UNIT,
        Field("period", "id", "期间", "Period"),
        _sum("opening", "期初余额", "Opening balance"),
        _sum("debit", "借方发生额", "Debits"),
        _sum("credit", "贷方发生额", "Credits"),
        _sum("closing", "期末余额", "Closing balance"),
        Field("entries", "int", "笔数", "Entries"),
    ),
)

STATEMENT_LINE = Table(
    "statement_line",
    "对账单明细",
    "Line of a statement",
    ("account_id", "period", "number"),
    (
        _ACCOUNT,
        Field("period", "id", "期间", "Period"),
        Field("number", "int", "序号", "Number", low=1),
        _ENTRY,
        Field("day", "date", "日期", "Day"),
        Field("other_id", "id", "对方账户", "Other account"),
        Field("amount", "money", "金额", "Amount", "minor units; debits are positive"),
        _sum("balance", "余额", "Balance"),
    ),
)

TABLES = (
    BANK_LINE, BANK_MATCH, BANK_OPEN, BANK_DIFFERENCE, STATEMENT, STATEMENT_LINE,
)  # fmt: skip
