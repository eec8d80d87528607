"""What the steps find out: features, scores, groups."""

from liandong.schema.field import Field, Table

FEATURE = Table(
    "feature",
    "特征",
    "Feature",
    ("party_id", "as_of", "measure"),
    (
        Field("party_id", "id", "主体", "Party"),
        Field("as_of", "date", "评估日", "As of"),
        Field("measure", "id", "指标", "Measure"),
        Field("value", "float", "数值", "Value", null=True),
        Field("withheld", "bool", "未授权共享", "Not shared", null=True),
    ),
)

SCORE = Table(
    "score",
    "评分",
    "Score",
    ("party_id", "as_of", "rule_id"),
    (
        Field("party_id", "id", "主体", "Party"),
        Field("as_of", "date", "评估日", "As of"),
        Field("rule_id", "id", "评分卡", "Scorecard"),
        Field("pd", "rate", "违约概率", "Probability of default", "ppm", low=0, high=1_000_000),
        Field("points", "int", "分数", "Points"),
        Field("grade", "id", "等级", "Grade"),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

GROUP = Table(
    "party_group",
    "关联群",
    "Connected group",
    ("party_id",),
    (
        Field("party_id", "id", "主体", "Party"),
        Field("group_id", "id", "关联群", "Group"),
        Field("size", "int", "成员数", "Members", low=2),
    ),
)

TABLES = (FEATURE, SCORE, GROUP)
