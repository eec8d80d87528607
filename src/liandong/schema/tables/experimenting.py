"""Experiments with policy: what was tried, how it went in each replication, and what it does."""

from liandong.schema.field import Field, Table

_WHICH = (
    Field("as_of", "date", "评估日", "As of"),
    Field("name", "id", "试验", "Experiment"),
)
_ARM = Field("arm", "id", "方案", "Policy")

EXPERIMENT = Table(
    "experiment",
    "政策试验",
    "Policy experiment",
    ("as_of", "name"),
    (
        *_WHICH,
        Field("arms", "int", "方案数", "Policies", low=2),
        Field("periods", "int", "期数", "Periods", low=1),
        Field("months", "int", "每期", "Length of a period", "months", low=1),
        Field("replications", "int", "重复次数", "Replications", low=2),
        Field("firms", "int", "企业数", "Firms", low=0),
        Field("projects", "int", "项目数", "Projects", low=0),
        Field("terms", "json", "规则", "Its rule"),
        Field("reasons", "reasons", "假定", "Assumptions"),
    ),
)

EXPERIMENT_PATH = Table(
    "experiment_path",
    "政策试验的历程",
    "Course of an experiment",
    ("as_of", "name", "arm", "replication", "period"),
    (
        *_WHICH,
        _ARM,
        Field("replication", "int", "第几次", "Replication", low=1),
        Field("period", "int", "第几期", "Period", low=1),
        Field("opening", "money", "期初资金", "Money carried over", "CNY fen", low=0),
        Field("added", "money", "新增资金", "New money", "CNY fen", low=0),
        Field("asked", "int", "申请企业", "Firms that asked", low=0),
        Field("declined", "int", "未接受的报价", "Offers declined", low=0),
        Field("stopped", "int", "因限额停放", "Stopped by the limits", low=0, high=1),
        Field("value", "money", "报价的价值", "Value of the offers", "CNY fen", low=0),
        Field("bound", "money", "价值上界", "Bound of the value", "CNY fen", low=0),
        Field("loans", "int", "贷款笔数", "Loans", low=0),
        Field("first_loans", "int", "首贷笔数", "First loans", low=0),
        Field("lent", "money", "放款", "Lent", "CNY fen", low=0),
        Field("micro_lent", "money", "小微放款", "Lent to small firms", "CNY fen", low=0),
        Field("first_lent", "money", "首贷放款", "Lent for the first time", "CNY fen", low=0),
        Field("paid", "money", "一年融资成本", "Cost to borrowers, a year", "CNY fen", low=0),
        Field("repaid", "money", "归还本金", "Repaid", "CNY fen", low=0),
        Field("recovered", "money", "违约收回", "Recovered", "CNY fen", low=0),
        Field("guaranteed", "money", "担保代偿", "Paid by guarantors", "CNY fen", low=0),
        Field("lost", "money", "出资方损失", "Lost by lenders", "CNY fen", low=0),
        Field("closing", "money", "期末资金", "Money left", "CNY fen", low=0),
        Field("book", "money", "期末余额", "Outstanding", "CNY fen", low=0),
        Field("defaults", "int", "违约企业", "Defaults", low=0),
        Field("interest", "money", "利息", "Interest", "CNY fen", low=0),
        Field("costs", "money", "资金与运营成本", "Costs", "CNY fen", low=0),
        Field("subsidy", "money", "财政贴息", "Subsidy", "CNY fen", low=0),
        Field("profit", "money", "出资方利润", "Profit of lenders", "CNY fen"),
    ),
)

EXPERIMENT_EFFECT = Table(
    "experiment_effect",
    "政策试验的效果",
    "Effect of a policy",
    ("as_of", "name", "arm", "period", "measure"),
    (
        *_WHICH,
        _ARM,
        Field("period", "int", "第几期（0 为全程）", "Period (0: all)", low=0),
        Field("measure", "id", "指标", "Measure"),
        Field("value", "float", "平均", "Mean", null=True),
        Field("low", "float", "5% 分位", "5 % quantile", null=True),
        Field("high", "float", "95% 分位", "95 % quantile", null=True),
        Field("n", "int", "重复次数", "Replications", low=0),
        Field("difference", "float", "与现行之差", "Difference", null=True),
        Field("diff_low", "float", "差的区间下限", "Difference from", null=True),
        Field("diff_high", "float", "差的区间上限", "Difference to", null=True),
        Field(
            "verdict",
            "choice",
            "结论",
            "Verdict",
            null=True,
            choices=("same", "unclear", "more", "less"),
        ),
    ),
)

TABLES = (EXPERIMENT, EXPERIMENT_PATH, EXPERIMENT_EFFECT)
