"""What young technology firms invent, valued by the orders it lets expect; and what that adds."""

from liandong.schema.field import Field, Table

INNOVATION = Table(
    "innovation",
    "创新价值",
    "Innovation value",
    ("party_id", "as_of"),
    (
        Field("party_id", "id", "主体", "Party"),
        Field("as_of", "date", "评估日", "As of"),
        Field("points", "int", "创新分", "Innovation points", null=True),
        Field("points_low", "int", "创新分下限", "Points from", null=True),
        Field("points_high", "int", "创新分上限", "Points to", null=True),
        Field("rank", "rate", "同类位次", "Standing", "ppm", null=True, low=0, high=1_000_000),
        Field("orders", "money", "近一年订单", "Orders of the year", "CNY fen", null=True),
        Field("expected", "money", "来年预期订单", "Orders expected", "CNY fen", null=True),
        Field("low", "money", "预期下限", "Expected from", "CNY fen", null=True),
        Field("high", "money", "预期上限", "Expected to", "CNY fen", null=True),
        Field("worth", "money", "其中创新贡献", "Owed to invention", "CNY fen", null=True),
        Field("field", "id", "主要技术领域", "Main field", null=True),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

INNOVATION_TEST = Table(
    "innovation_test",
    "创新价值检验",
    "Test of innovation value",
    ("as_of", "slice", "measure"),
    (
        Field("as_of", "date", "评估日", "As of"),
        Field("slice", "id", "范围", "Slice"),
        Field("measure", "id", "指标", "Measure"),
        Field("value", "float", "数值", "Value", null=True),
        Field("low", "float", "区间下限", "Interval from", null=True),
        Field("high", "float", "区间上限", "Interval to", null=True),
        Field("n", "int", "企业数", "Firms", low=0),
    ),
)

TABLES = (INNOVATION, INNOVATION_TEST)
