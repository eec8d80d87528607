"""Rules in hindsight: what each threshold, or each set of rules, would have brought."""

from liandong.schema.field import Field, Table

BACKTEST_POINT = Table(
    "backtest_point",
    "规则回测",
    "Backtest",
    ("name", "study", "point"),
    (
        Field("name", "id", "回测", "Backtest"),
        Field("study", "id", "规则", "Rule"),
        Field("point", "int", "序号", "Point", low=0),
        Field("kind", "choice", "类型", "Kind", choices=("sweep", "rules", "signals")),
        Field("when", "text", "条件", "Condition"),
        # None of a set of rules, or of signals.
        Field("threshold", "float", "阈值", "Threshold", null=True),
        Field("since", "date", "起日", "From"),
        Field("until", "date", "止日", "Until"),
        Field("subjects", "int", "主体数", "Subjects", low=0),
        Field("hits", "int", "命中次数", "Hits", low=0),
        Field("alerts", "int", "预警数", "Alerts", low=0),
        Field("burden", "float", "每千户每月预警", "Alerts per 1,000 subjects a month", null=True),
        Field("repeats", "float", "重复预警率", "Share of repeats", null=True),
        Field("flips", "float", "七日内消失率", "Share gone within 7 days", null=True),
        Field("defaults", "int", "违约数", "Defaults", low=0),
        Field("caught", "int", "事先预警的违约", "Defaults warned of", low=0),
        Field("recall", "float", "违约前召回率", "Recall before default", null=True),
        Field("recall_exposure", "float", "按金额召回率", "Recall by exposure", null=True),
        Field("lead_low", "float", "提前期下四分位", "Lead, lower quartile", "d", null=True),
        Field("lead_median", "float", "提前期中位数", "Lead, median", "d", null=True),
        Field("lead_high", "float", "提前期上四分位", "Lead, upper quartile", "d", null=True),
        Field("lead_90", "float", "提前九十日以上", "Share 90 days ahead", null=True),
        Field("lead_180", "float", "提前一百八十日以上", "Share 180 days ahead", null=True),
        Field("budget", "int", "每周可查", "Looked at a week", low=1),
        Field("precision", "float", "预算内精确率", "Precision at budget", null=True),
        Field("base", "float", "平均违约率", "Base rate", null=True),
        Field("hours", "float", "分析工时", "Analyst hours", "h"),
        Field("minutes_per_default", "float", "每笔违约耗时", "Minutes per default", "min",
              null=True),
    ),
)  # fmt: skip

TABLES = (BACKTEST_POINT,)
