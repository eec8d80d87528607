"""Markets: preferences and stable matchings, orders for quota and how they clear."""

from liandong.schema.field import Field, Table

PREFERENCE = Table(
    "preference",
    "偏好",
    "Preference",
    ("side", "who", "whom"),
    (
        Field("side", "choice", "哪一方", "Whose", choices=("project", "product")),
        Field("who", "id", "谁", "Who"),
        Field("whom", "id", "对谁", "Whom"),
        Field("rank", "int", "名次", "Rank", low=1, high=2**53),
    ),
)

STABLE_MATCH = Table(
    "stable_match",
    "稳定匹配",
    "Stable match",
    ("project_id", "as_of"),
    (
        Field("project_id", "id", "项目", "Project"),
        Field("as_of", "date", "评估日", "As of"),
        Field("product_id", "id", "产品", "Product", null=True),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=0),
        Field("project_rank", "int", "项目的志愿次序", "Choice of the project", null=True, low=1),
        Field("product_rank", "int", "产品的排序", "Place with the product", null=True, low=1),
        Field("other_id", "id", "对方最优时", "If best for the other side", null=True),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

TABLES = (PREFERENCE, STABLE_MATCH)
