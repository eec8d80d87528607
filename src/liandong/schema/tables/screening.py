"""Negative lists, and the parties that may be on them."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.parties import VALID_FROM, VALID_TO

_LIST = Field("list_id", "id", "名单", "List")
_ENTRY = Field("entry_id", "id", "名单条目", "Entry")

WATCHLIST = Table(
    "watchlist",
    "负面名单",
    "Negative list",
    ("list_id", "entry_id", "name"),
    (
        _LIST,
        _ENTRY,
        Field("name", "id", "名称或别名", "Name or alias", personal="name"),
        Field("kind", "choice", "类型", "Kind", null=True, choices=("firm", "person")),
        Field("credit_code", "credit_code", "统一社会信用代码", "Unified social credit code",
              null=True, personal="number"),
        Field("basis", "text", "列入依据", "Basis", null=True),
        Field("source", "text", "来源", "Source", null=True),
        VALID_FROM,
        VALID_TO,
    ),
    checks=("valid_span",),
    person=("kind", ("person", "")),  # or nobody knows
)  # fmt: skip

SCREENING_HIT = Table(
    "screening_hit",
    "名单命中",
    "Screening hit",
    ("party_id", "list_id", "entry_id", "as_of"),
    (
        Field("party_id", "id", "主体", "Party"),
        _LIST,
        _ENTRY,
        Field("as_of", "date", "筛查日", "As of"),
        Field("party_name", "text", "主体名称", "Name of the party", null=True, personal="name"),
        Field("listed", "text", "名单上的名称", "Name on the list", personal="name"),
        Field("score", "rate", "相似度", "Likeness", "ppm", low=0, high=1_000_000),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
    person=("party_id", ()),
)

TABLES = (WATCHLIST, SCREENING_HIT)
"""Tables of screening."""
