"""How models compare, and how grades turned out."""

from liandong.schema.field import Field, Table

CHALLENGE = Table(
    "challenge",
    "冠军与挑战者",
    "Champion and challenger",
    ("rule_id", "as_of", "model", "measure"),
    (
        Field("rule_id", "id", "规则", "Rule"),
        Field("as_of", "date", "评估日", "As of"),
        Field(
            "model", "choice", "模型", "Model",
            choices=("champion", "challenger", "difference", "swapped_in", "swapped_out"),
        ),
        Field("measure", "id", "指标", "Measure"),
        Field("value", "float", "数值", "Value", null=True),
        Field("low", "float", "区间下限", "Interval from", null=True),
        Field("high", "float", "区间上限", "Interval to", null=True),
        Field("n", "int", "企业数", "Firms", low=0),
    ),
)  # fmt: skip

MOST = 1_000_000
"""All, in ppm."""

GRADE = Table(
    "grade",
    "主标尺等级",
    "Grade of a master scale",
    ("rule_id", "as_of", "grade"),
    (
        Field("rule_id", "id", "主标尺", "Master scale"),
        Field("as_of", "date", "评估日", "As of"),
        Field("grade", "id", "等级", "Grade"),
        Field("low", "rate", "违约概率下限", "Probability from", "ppm", low=0, high=MOST),
        Field("high", "rate", "违约概率上限", "Probability below", "ppm", low=0, high=MOST),
        Field("middle", "rate", "代表违约概率", "Stands for", "ppm", low=0, high=MOST),
        Field("firms", "int", "企业数", "Firms", low=0),
        Field("bads", "int", "违约数", "Defaults", low=0),
        Field("bad_rate", "rate", "违约率", "Default rate", "ppm", null=True, low=0, high=MOST),
        Field("bad_low", "rate", "违约率下限", "Rate from", "ppm", null=True, low=0, high=MOST),
        Field("bad_high", "rate", "违约率上限", "Rate to", "ppm", null=True, low=0, high=MOST),
        Field("prudent", "rate", "审慎上界", "Prudent bound", "ppm", low=0, high=MOST),
        Field("mean_pd", "rate", "平均预测", "Mean forecast", "ppm", null=True, low=0, high=MOST),
        Field("apart_p", "float", "与前一等级无异的概率", "Chance it is like the one before",
              null=True, low=0, high=1),
        Field("inside_p", "float", "等级内两半无异的概率", "Chance its halves are alike",
              null=True, low=0, high=1),
    ),
)  # fmt: skip

TABLES = (CHALLENGE, GRADE)
