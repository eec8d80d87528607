"""Why a score is what it is, term by term, and the smallest change that lifts the grade."""

from liandong.schema.field import Field, Table

_WHOSE = (
    Field("party_id", "id", "主体", "Party"),
    Field("as_of", "date", "评估日", "As of"),
    Field("rule_id", "id", "评分卡", "Scorecard"),
)

EXPLANATION = Table(
    "explanation",
    "评分解释",
    "Explanation",
    ("party_id", "as_of", "rule_id", "measure"),
    (
        *_WHOSE,
        Field("measure", "id", "指标", "Measure"),
        Field("category", "id", "类别", "Category"),
        Field("state", "choice", "取值情况", "State", choices=("known", "absent", "withheld")),
        Field("value", "float", "数值", "Value", null=True),
        Field("bin", "int", "所在档", "Bin", null=True, low=0),
        Field("low", "float", "档下限（不含）", "Bin above", null=True),
        Field("high", "float", "档上限（含）", "Bin up to", null=True),
        Field("points", "int", "得分", "Points"),
        Field("least", "int", "最低分", "Least possible"),
        Field("most", "int", "最高分", "Most possible"),
        Field("below", "int", "距最高分", "Below the most", low=0),
        Field("median", "float", "中位得分", "Median points", null=True),
        Field("rank", "int", "失分次序", "Rank of points lost", null=True, low=1),
        Field(
            "change", "choice", "可改变方向", "Can change",
            choices=("up", "down", "either", "none"),
        ),
        Field("months", "int", "见效月数", "Months to take effect", null=True, low=0),
        Field("aim_low", "float", "目标下限（不含）", "Aim above", null=True),
        Field("aim_high", "float", "目标上限（含）", "Aim up to", null=True),
        Field("aim_points", "int", "达标得分", "Points at the aim", null=True),
    ),
)  # fmt: skip

AIM = Table(
    "aim",
    "升级路径",
    "Way to the next grade",
    ("party_id", "as_of", "rule_id"),
    (
        *_WHOSE,
        Field("grade", "id", "当前等级", "Grade now"),
        Field("next", "id", "上一等级", "Next grade", null=True),
        Field(
            "state", "choice", "能否达到", "Can be reached",
            choices=("best", "reachable", "unreachable"),
        ),
        Field("lacking", "int", "所差分数", "Points lacking", low=0),
        Field("changes", "int", "需改变的指标数", "Measures to change", null=True, low=0),
        Field("moved", "int", "跨越档数", "Bins to pass", null=True, low=0),
        Field("gain", "int", "可增分数", "Points gained", low=0),
        Field("months", "int", "见效月数", "Months to take effect", null=True, low=0),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)  # fmt: skip

TABLES = (EXPLANATION, AIM)
