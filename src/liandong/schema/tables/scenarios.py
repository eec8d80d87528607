"""What-if: allocations that were computed to be compared and can never be paid out."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.matching import LIMIT, TOTALS

_WHICH = (
    Field("as_of", "date", "评估日", "As of"),
    Field("name", "id", "情景", "Scenario"),
)

SCENARIO = Table(
    "scenario",
    "情景",
    "Scenario",
    ("as_of", "name"),
    (
        *_WHICH,
        *TOTALS,
        Field("gained", "int", "新获分配的项目", "Projects that gain an offer", low=0),
        Field("lost", "int", "失去分配的项目", "Projects that lose theirs", low=0),
        Field("changed", "int", "金额或产品有变的项目", "Projects offered otherwise", low=0),
        Field("more", "money", "增加的金额", "Added", "CNY fen", low=0),
        Field("less", "money", "减少的金额", "Taken away", "CNY fen", low=0),
        Field("terms", "json", "情景的规则", "Its rule", shape="object"),
    ),
)

SCENARIO_LIMIT = Table(
    "scenario_limit",
    "情景的限额",
    "Limit of a scenario",
    ("as_of", "name", "limit_id"),
    (
        *_WHICH,
        *LIMIT,
    ),
)

SCENARIO_OFFER = Table(
    "scenario_offer",
    "情景中的分配",
    "Offer of a scenario",
    ("as_of", "name", "project_id", "product_id"),
    (
        *_WHICH,
        Field("project_id", "id", "项目", "Project"),
        Field("product_id", "id", "产品", "Product"),
        Field("party_id", "id", "申请人", "Applicant"),
        Field("grade", "id", "等级", "Grade", null=True),
        Field(
            "change",
            "choice",
            "变化",
            "Change",
            choices=("gained", "lost", "more", "less", "moved", "same"),
        ),
        Field("amount", "money", "分配金额", "Amount", "CNY fen", low=0),
        Field("before", "money", "实际分配", "Actual offer", "CNY fen", low=0),
        Field("rate", "rate", "利率", "Rate", "ppm a year", null=True),
        Field("value", "money", "价值", "Value", "CNY fen"),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

TABLES = (SCENARIO, SCENARIO_LIMIT, SCENARIO_OFFER)
