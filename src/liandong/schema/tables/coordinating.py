"""Regions together: how coordinated they are, what they emit, what cooperation is worth to each."""

from liandong.schema.field import Field, Table

_REASONS = Field("reasons", "reasons", "理由", "Reasons")
_PERIOD = Field("period", "text", "时期", "Period")
_VINTAGE = Field("vintage", "text", "版本", "Vintage")
_REGION = Field("region_id", "region", "地区", "Region")
_GAME = Field("game", "id", "合作", "Cooperation")
_WAY = Field("way", "choice", "方法", "Method", choices=("shapley", "nucleolus"))
_UNIT = Field("unit", "id", "计量单位", "Unit")
_DEGREE = Field("degree", "float", "耦合协调度", "Coordination", null=True)


def _number(name: str, zh: str, en: str, unit: str = "") -> Field:
    return Field(name, "float", zh, en, unit, null=True)


COUPLING = Table(
    "coupling",
    "耦合协调",
    "Coupling coordination",
    ("region_id", "period"),
    (
        _REGION,
        _PERIOD,
        _VINTAGE,
        _DEGREE,
        _number("low", "最低", "Lowest"),
        _number("high", "最高", "Highest"),
        _number("coupling", "耦合度", "Coupling C"),
        _number("level", "综合水平", "Level T"),
        Field("rank", "int", "位次", "Rank", null=True, low=1),
        Field("rank_low", "int", "最好位次", "Best rank", null=True, low=1),
        Field("rank_high", "int", "最差位次", "Worst rank", null=True, low=1),
        Field("choices", "int", "口径数", "Choices", low=0),
        _REASONS,
    ),
)

COUPLING_CHOICE = Table(
    "coupling_choice",
    "耦合协调口径",
    "Choice of coordination",
    ("region_id", "period", "scaling", "weighting", "form"),
    (
        _REGION,
        _PERIOD,
        Field("scaling", "choice", "标准化", "Scaling", choices=("minmax", "rank", "bounds")),
        Field("weighting", "choice", "权重", "Weights", choices=("equal", "entropy")),
        Field(
            "form",
            "choice",
            "耦合度公式",
            "Form of C",
            choices=("standard", "product", "modified", "raw"),
        ),
        _DEGREE,
        Field("rank", "int", "位次", "Rank", null=True, low=1),
    ),
)

CARBON = Table(
    "carbon",
    "碳排放强度",
    "Carbon intensity",
    ("region_id", "period"),
    (
        _REGION,
        _PERIOD,
        _VINTAGE,
        _number("factor", "电力碳排放因子", "Carbon of electricity", "g CO2 a kWh"),
        _number("electricity", "用电量", "Electricity", "100 million kWh"),
        _number("emission", "用电碳排放", "Emission", "10,000 t CO2"),
        _number("intensity", "碳排放强度", "Intensity", "t CO2 per 10,000 yuan"),
        _number("share", "占比", "Share", "share"),
        _REASONS,
    ),
)

COALITION_WORTH = Table(
    "coalition_worth",
    "组合价值",
    "Worth of a coalition",
    ("game", "members"),
    (
        _GAME,
        Field("members", "id", "成员（以+相连）", "Members (joined by +)"),
        Field("worth", "money", "价值", "Worth", "minor units"),
        _UNIT,
    ),
)

COOPERATION = Table(
    "cooperation",
    "合作分配",
    "Share of a cooperation",
    ("game", "way", "party_id"),
    (
        _GAME,
        _WAY,
        Field("party_id", "id", "参与方", "Party"),
        Field("alone", "money", "单独价值", "Worth alone", "minor units"),
        Field("amount", "money", "建议分配", "Share proposed", "minor units"),
        Field("gain", "money", "合作增益", "Gain over alone", "minor units"),
        _UNIT,
        _REASONS,
    ),
)

COOPERATION_DRAFT = Table(
    "cooperation_draft",
    "合作协议草案",
    "Draft of a cooperation",
    ("game", "way"),
    (
        _GAME,
        _WAY,
        Field("worth", "money", "共同价值", "Worth together", "minor units", null=True),
        _UNIT,
        Field("core", "bool", "在核心内", "In the core", null=True),
        # What the least satisfied group has above what it could have by itself.
        Field(
            "slack",
            "money",
            "最不满意组合的余额",
            "Slack of the least satisfied",
            "minor units",
            null=True,
        ),
        Field("parties", "json", "当事方", "Parties", null=True, shape="words"),
        Field("draft", "text", "协议草案", "Draft", null=True),
        _REASONS,
    ),
)

TABLES = (COUPLING, COUPLING_CHOICE, CARBON, COALITION_WORTH, COOPERATION, COOPERATION_DRAFT)
