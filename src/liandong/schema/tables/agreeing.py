"""Agreements while they are written: versions, what they say in words, what they would give."""

from liandong.schema.field import Field, Table

_RULE = Field("rule", "id", "规则", "Rule")
_AGREEMENT = Field("agreement", "id", "协议", "Agreement")
_UNIT = Field("unit", "id", "计量单位", "Unit")
_PLACES = Field("places", "int", "小数位", "Decimal places", low=0)

AGREEMENT_VERSION = Table(
    "agreement_version",
    "协议版本",
    "Version of an agreement",
    ("version_id",),
    (
        Field("version_id", "id", "版本编号", "Version"),
        _AGREEMENT,
        Field("number", "int", "序号", "Number", low=1),
        _RULE,
        # The rule that it was made from; None: nothing was before it.
        Field("base", "id", "原规则", "Made from", null=True),
        Field("reason", "text", "理由", "Reason"),
        Field("actor", "id", "提出人", "Proposed by"),
        Field("at", "time", "提出时间", "Proposed at"),
    ),
)

AGREEMENT_NOTE = Table(
    "agreement_note",
    "协议说明",
    "Agreement in words",
    ("rule", "agreement", "number"),
    (
        _RULE,
        _AGREEMENT,
        Field("number", "int", "序号", "Number", low=1),
        Field("kind", "choice", "类别", "Kind", choices=("heading", "article", "fault")),
        Field("zh", "text", "说明", "In words (Chinese)"),
        Field("en", "text", "说明（英文）", "In words"),
        # Of a heading.
        Field("clause", "id", "条款", "Clause", null=True),
        Field("unit", "id", "计量单位", "Unit", null=True),
        Field("places", "int", "小数位", "Decimal places", null=True, low=0),
        Field("parties", "text", "当事方", "Parties", null=True),
        Field("valid_from", "date", "生效日", "Valid from", null=True),
        Field("valid_to", "date", "失效日", "Valid to", null=True),
        # Of a fault.
        Field("line", "int", "行", "Line", null=True, low=1),
        Field("column", "int", "列", "Column", null=True, low=1),
        Field("code", "id", "检查", "Check", null=True),
    ),
)

AGREEMENT_INPUT = Table(
    "agreement_input",
    "协议试算基数",
    "Amount that an agreement is tried on",
    ("rule", "agreement", "base"),
    (
        _RULE,
        _AGREEMENT,
        Field("base", "id", "基数名称", "Base"),
        Field("amount", "money", "首年数额", "First year's amount", "minor units; of a rate, ppm"),
        _UNIT,
        _PLACES,
        Field("source", "choice", "来源", "Source", choices=("given", "board", "supposed")),
        # Of an amount of the board.
        Field("period", "id", "期间", "Period", null=True),
    ),
)

SIMULATED_SHARE = Table(
    "simulated_share",
    "试算分成",
    "Share that would be",
    ("rule", "agreement", "clause", "party", "period"),
    (
        _RULE,
        _AGREEMENT,
        Field("clause", "id", "条款", "Clause"),
        Field("party", "id", "当事方", "Party"),
        Field("period", "id", "期间", "Period"),
        Field("amount", "money", "数额", "Amount", "minor units"),
        _UNIT,
        _PLACES,
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

TABLES = (AGREEMENT_VERSION, AGREEMENT_NOTE, AGREEMENT_INPUT, SIMULATED_SHARE)
