"""What-if: allocations that were computed to be compared and can never be paid out."""

from liandong.schema.field import Field, Table

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
        Field("projects", "int", "申请项目", "Projects", low=0),
        Field("offered", "int", "获分配项目", "Projects offered money", low=0),
        Field("budget", "money", "总预算", "Budget", "CNY fen"),
        Field("used", "money", "已分配", "Given out", "CNY fen"),
        Field("micro_used", "money", "其中小微", "Of it small and micro", "CNY fen"),
        Field("value", "money", "价值", "Value", "CNY fen"),
        Field("bound", "money", "上界", "Upper bound", "CNY fen"),
        Field("gained", "int", "新获分配的项目", "Projects that gain an offer", low=0),
        Field("lost", "int", "失去分配的项目", "Projects that lose theirs", low=0),
        Field("changed", "int", "金额或产品有变的项目", "Projects offered otherwise", low=0),
        Field("more", "money", "增加的金额", "Added", "CNY fen", low=0),
        Field("less", "money", "减少的金额", "Taken away", "CNY fen", low=0),
        Field("terms", "json", "情景的规则", "Its rule"),
    ),
)

SCENARIO_LIMIT = Table(
    "scenario_limit",
    "情景的限额",
    "Limit of a scenario",
    ("as_of", "name", "limit_id"),
    (
        *_WHICH,
        Field("limit_id", "id", "限额", "Limit"),
        Field(
            "kind",
            "choice",
            "类别",
            "Kind",
            choices=("budget", "capacity", "floor", "cap"),
        ),
        Field("product_id", "id", "产品", "Product", null=True),
        Field("bound", "money", "限额金额", "Bound", "CNY fen"),
        Field("used", "money", "实际", "Reached", "CNY fen"),
        Field("price", "float", "影子价格", "Shadow price", "yuan per yuan"),
        Field("valid_from", "money", "影子价格适用下限", "Price holds from", "CNY fen", null=True),
        Field("valid_to", "money", "影子价格适用上限", "Price holds to", "CNY fen", null=True),
        Field("directional", "bool", "仅示方向", "Directional only", null=True),
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
