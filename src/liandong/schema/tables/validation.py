"""How far a scorecard can be trusted: figures against outcomes, drift, and columns that leak."""

from liandong.schema.field import Field, Table

SAMPLES = (
    "development",  # the card has seen these firms and their outcomes: the figures flatter it
    "out_of_fold",  # the same firms, each judged by a card learnt without it
    "out_of_sample",  # other firms, on the day the card was learnt for or before
    "out_of_time",  # other firms, on a later day
    "seen_again",  # firms that the card was learnt from, on a later day
    "backtest",  # a card learnt earlier by the same recipe, on firms it had not seen
    "backtest_again",  # that card, on firms that it had seen before
    "unknown",  # nobody knows which firms the card was learnt from
)
"""Whom figures come from. Only those of the first and the last may flatter."""

VALIDATION = Table(
    "validation",
    "评分验证",
    "Validation",
    ("rule_id", "as_of", "sample", "slice", "measure"),
    (
        Field("rule_id", "id", "评分卡", "Scorecard"),
        Field("as_of", "date", "评估日", "As of"),
        Field("sample", "choice", "样本", "Sample", choices=SAMPLES),
        Field("slice", "id", "范围", "Slice"),
        Field("measure", "id", "指标", "Measure"),
        Field("value", "float", "数值", "Value", null=True),
        Field("low", "float", "区间下限", "Interval from", null=True),
        Field("high", "float", "区间上限", "Interval to", null=True),
        Field("n", "int", "企业数", "Firms", low=0),
        Field("note", "choice", "提示", "Note", null=True, choices=("small",)),
    ),
)

CROSSFIT = Table(
    "crossfit",
    "交叉验证评分",
    "Cross-fitted score",
    ("rule_id", "party_id"),
    (
        Field("rule_id", "id", "评分卡", "Scorecard"),
        Field("party_id", "id", "主体", "Party"),
        Field("as_of", "date", "评估日", "As of"),
        Field("bad", "bool", "违约", "Defaulted"),
        Field(
            "pd", "rate", "折外违约概率", "Out-of-fold probability", "ppm", low=0, high=1_000_000
        ),
    ),
)

DRIFT = Table(
    "drift",
    "分布漂移",
    "Drift",
    ("rule_id", "as_of", "measure", "cell"),
    (
        Field("rule_id", "id", "评分卡", "Scorecard"),
        Field("as_of", "date", "评估日", "As of"),
        Field("measure", "id", "指标", "Measure"),
        Field("cell", "int", "分箱", "Cell", low=0),
        Field("since", "date", "对照日", "Compared with"),
        Field("expected", "int", "对照企业数", "Firms then", low=0),
        Field("actual", "int", "现有企业数", "Firms now", low=0),
        Field("part", "float", "稳定性指数中的份额", "Part of the index"),
        Field("p", "float", "偶然所致的概率", "Probability by chance", null=True, low=0, high=1),
    ),
)

LEAK = Table(
    "leak",
    "泄漏检查",
    "Leak check",
    ("as_of", "measure"),
    (
        Field("as_of", "date", "评估日", "As of"),
        Field("measure", "id", "指标", "Measure"),
        Field("verdict", "choice", "结论", "Verdict", choices=("clear", "suspect", "unjudged")),
        Field("auc", "float", "单列 AUC", "AUC alone", null=True, low=0, high=1),
        Field("n", "int", "企业数", "Firms", low=0),
        Field("bads", "int", "违约数", "Defaults", low=0),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

TABLES = (VALIDATION, CROSSFIT, DRIFT, LEAK)
