"""What the steps find out: features, scores, trails of money, alerts, groups, gaps."""

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

TRAIL = Table(
    "trail",
    "资金去向",
    "Trail",
    ("loan_id", "flow_id", "step"),
    (
        Field("loan_id", "id", "贷款", "Loan"),
        Field("flow_id", "id", "流水", "Transfer"),
        Field("step", "int", "次序", "Step", low=0),
        Field("src_account", "id", "付款账户", "From account"),
        Field("dst_account", "id", "收款账户", "To account"),
        Field("amount", "money", "其中贷款资金", "Loan money in it", "CNY fen", low=1),
        Field("at", "time", "时间", "Time"),
    ),
)

HOLDING = Table(
    "holding",
    "资金落点",
    "Holding",
    ("loan_id", "place"),
    (
        Field("loan_id", "id", "贷款", "Loan"),
        Field("place", "id", "账户或去处", "Account or sink"),
        Field("kind", "choice", "类型", "Kind", choices=("held", "repaid", "sink")),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=1),
    ),
)

ALERT = Table(
    "alert",
    "预警",
    "Alert",
    ("alert_id",),
    (
        Field("alert_id", "id", "预警编号", "Alert"),
        Field("rule", "id", "规则", "Rule"),
        Field("party_id", "id", "主体", "Party"),
        Field("level", "choice", "级别", "Level", choices=("yellow", "orange", "red")),
        Field("as_of", "date", "发现日", "As of"),
        Field("value", "float", "指标值", "Value"),
        Field("threshold", "float", "阈值", "Threshold"),
        Field("evidence", "json", "证据", "Evidence"),
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

GAP = Table(
    "gap",
    "地区差距",
    "Regional gap",
    ("measure", "period", "vintage", "index", "part"),
    (
        Field("measure", "id", "指标", "Measure"),
        Field("period", "text", "时期", "Period"),
        Field("vintage", "text", "版本", "Vintage"),
        Field("index", "choice", "指数", "Index", choices=("theil_t", "theil_l", "gini")),
        Field("part", "id", "构成", "Part"),
        Field("value", "float", "数值", "Value", null=True),
        Field("regions", "int", "地区数", "Regions", low=0),
    ),
)

TABLES = (FEATURE, SCORE, TRAIL, HOLDING, ALERT, GROUP, GAP)
