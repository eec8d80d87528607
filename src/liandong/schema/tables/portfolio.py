"""What scores mean for portfolios: provisions of loans, and whom policies of lending reach."""

from liandong.schema.field import Field, Table

PROVISION = Table(
    "provision",
    "减值准备",
    "Provision",
    ("loan_id", "as_of"),
    (
        Field("loan_id", "id", "贷款", "Loan"),
        Field("as_of", "date", "评估日", "As of"),
        Field("party_id", "id", "借款人", "Borrower"),
        Field("stage", "int", "阶段", "Stage", low=1, high=3),
        Field("days_past_due", "int", "逾期天数", "Days past due", "days", null=True, low=0),
        Field("grade", "id", "等级", "Grade", null=True),
        Field("pd", "rate", "违约概率", "Probability of default", "ppm", low=0, high=1_000_000),
        Field(
            "pd_then",
            "rate",
            "放款时违约概率",
            "PD when it was made",
            "ppm",
            null=True,
            low=0,
            high=1_000_000,
        ),
        Field("lgd", "rate", "违约损失率", "Loss given default", "ppm", low=0, high=1_000_000),
        Field("ead", "money", "风险暴露", "Exposure", "CNY fen", low=0),
        Field("ecl_year", "money", "一年预期损失", "Expected loss, a year", "CNY fen", low=0),
        Field("ecl_life", "money", "存续期预期损失", "Expected loss, its life", "CNY fen", low=0),
        Field("provision", "money", "应提准备", "Provision", "CNY fen", low=0),
        Field("base", "money", "基准情景下", "In the base scenario", "CNY fen", low=0),
        Field("down", "money", "不利情景下", "In the bad scenario", "CNY fen", low=0),
        Field("up", "money", "有利情景下", "In the good scenario", "CNY fen", low=0),
        Field("risk_weight", "int", "风险权重", "Risk weight", "ppm", low=0),
        Field("capital", "money", "资本要求", "Capital", "CNY fen", low=0),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

INCLUSION = Table(
    "inclusion",
    "普惠程度",
    "Inclusion",
    ("as_of", "policy", "slice", "approved", "measure"),
    (
        Field("as_of", "date", "评估日", "As of"),
        Field(
            "policy",
            "choice",
            "授信办法",
            "Policy",
            choices=("lent", "scorecard", "collateral", "financials"),
        ),
        Field("slice", "id", "范围", "Slice"),
        Field("approved", "rate", "批准比例", "Share approved", "ppm", low=0, high=1_000_000),
        Field("measure", "id", "指标", "Measure"),
        Field("value", "float", "数值", "Value", null=True),
        Field("low", "float", "区间下限", "Interval from", null=True),
        Field("high", "float", "区间上限", "Interval to", null=True),
        Field("n", "int", "数目", "Number", low=0),
    ),
)

TABLES = (PROVISION, INCLUSION)
