"""Why an allocation is as it is: other offers of each project, and how fair the whole is."""

from liandong.schema.field import Field, Table

ALTERNATIVE = Table(
    "alternative",
    "备选方案",
    "Alternative offer",
    ("project_id", "as_of", "rank"),
    (
        Field("project_id", "id", "项目", "Project"),
        Field("as_of", "date", "评估日", "As of"),
        Field("rank", "int", "名次", "Rank", low=1),
        Field("product_id", "id", "产品", "Product"),
        Field("value", "int", "单位价值", "Value per yuan", "ppm"),
        Field("scarce_price", "int", "稀缺资源价格", "Price of what is scarce", "ppm", low=0),
        Field("inclusion_credit", "int", "普惠加分", "Inclusion credit", "ppm", low=0),
        Field("reduced_value", "int", "净单位价值", "Value beyond the prices", "ppm"),
        Field("amount", "money", "分配金额", "Amount", "CNY fen", low=0),
        Field("value_more", "int", "胜出尚缺单位价值", "Value lacking to win", "ppm", low=0),
        Field(
            "capacity_more", "money", "胜出尚缺产品额度", "Capacity lacking to win", "CNY fen",
            null=True, low=0,
        ),
        Field(
            "budget_more", "money", "胜出尚缺总预算", "Budget lacking to win", "CNY fen",
            null=True, low=0,
        ),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)  # fmt: skip

FAIRNESS = Table(
    "fairness",
    "公平性",
    "Fairness of an allocation",
    ("as_of", "measure", "group"),
    (
        Field("as_of", "date", "评估日", "As of"),
        Field("measure", "id", "指标", "Measure"),
        Field("group", "id", "群体", "Group"),
        Field("value", "int", "数值", "Value", "ppm", null=True),
        Field("count", "int", "数量", "Count", low=0),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

TABLES = (ALTERNATIVE, FAIRNESS)
