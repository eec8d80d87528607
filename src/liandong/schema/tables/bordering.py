"""Markets across borders: prices, what moves between regions, and which borders cost most."""

from liandong.schema.field import Field, Table

_REASONS = Field("reasons", "reasons", "理由", "Reasons")
_PERIOD = Field("period", "text", "时期", "Period")
_VINTAGE = Field("vintage", "text", "版本", "Vintage")
_UNIT = Field("unit", "text", "单位", "Unit")
_FLOW_KIND = Field("kind", "id", "要素", "What moves")
_FROM = Field("from_region", "region", "流出地", "From")
_TO = Field("to_region", "region", "流入地", "To")
_P = Field("p", "float", "p值", "p", null=True, low=0, high=1)


_MOST = 10**18
"""Fen of all transfers of a year: more than one field may hold elsewhere."""
_AMOUNT = Field("amount", "money", "金额", "Amount", "CNY fen", null=True, low=-_MOST, high=_MOST)


def _number(name: str, zh: str, en: str, unit: str = "") -> Field:
    return Field(name, "float", zh, en, unit, null=True)


PRICE = Table(
    "price",
    "价格",
    "Price",
    ("region_id", "good", "period", "vintage"),
    (
        Field("region_id", "region", "地区", "Region"),
        Field("good", "id", "商品", "Good"),
        _PERIOD,
        _VINTAGE,
        Field("value", "float", "价格", "Price"),
        _UNIT,
    ),
)

MOVEMENT = Table(
    "movement",
    "要素流动",
    "Movement",
    ("from_region", "to_region", "kind", "period"),
    (
        Field("from_region", "region", "流出地", "From"),
        Field("to_region", "region", "流入地", "To"),
        _FLOW_KIND,
        _PERIOD,
        Field("value", "float", "数量", "Value", low=0),
        _UNIT,
    ),
)

SEGMENTATION = Table(
    "segmentation",
    "市场分割",
    "Market segmentation",
    ("region_id", "other_id", "period"),
    (
        Field("region_id", "id", "地区（*为合计）", "Region (* is all)"),
        Field("other_id", "id", "对方地区（*为平均）", "Other region (* is the mean)"),
        _PERIOD,
        _VINTAGE,
        _number("value", "分割指数", "Segmentation"),
        _number("low", "下限", "Low"),
        _number("high", "上限", "High"),
        Field("goods", "int", "商品数", "Goods", low=0),
        Field("pairs", "int", "地区对数", "Pairs", low=0),
        _REASONS,
    ),
)

SEGMENTATION_TREND = Table(
    "segmentation_trend",
    "分割趋势",
    "Trend of segmentation",
    ("region_id", "other_id"),
    (
        Field("region_id", "id", "地区（*为合计）", "Region (* is all)"),
        Field("other_id", "id", "对方地区（*为平均）", "Other region (* is the mean)"),
        _number("value", "平均分割指数", "Mean segmentation"),
        _number("low", "下限", "Low"),
        _number("high", "上限", "High"),
        Field("rank", "int", "位次", "Rank", null=True, low=1),
        _number("slope", "每期变化", "Change a period"),
        _P,
        Field("periods", "int", "期数", "Periods", low=0),
        Field(
            "verdict", "choice", "趋势", "Trend", choices=("falling", "rising", "level", "short")
        ),
        _REASONS,
    ),
)

BORDER_TEST = Table(
    "border_test",
    "分割边界检验",
    "Test of a border",
    ("group_id", "other_id"),
    (
        Field("group_id", "id", "地区组", "Group"),
        Field("other_id", "id", "对方地区组", "Other group"),
        _number("value", "边界附加离散", "Dispersion that the border adds"),
        _number("low", "下限", "Low"),
        _number("high", "上限", "High"),
        _P,
        Field("q", "float", "校正p值", "Adjusted p", null=True, low=0, high=1),
        Field("goods", "int", "商品数", "Goods", low=0),
        Field("pairs", "int", "跨界地区对数", "Pairs across", low=0),
        Field("verdict", "choice", "结论", "Verdict", choices=("border", "none", "few")),
        _REASONS,
    ),
)

LOGISTICS = Table(
    "logistics",
    "物流成本",
    "Logistics cost",
    ("region_id", "period"),
    (
        Field("region_id", "region", "地区", "Region"),
        _PERIOD,
        _VINTAGE,
        _number("cost", "物流总费用", "Logistics cost"),
        _number("gdp", "地区生产总值", "GDP"),
        Field("unit", "text", "单位", "Unit", null=True),
        _number("ratio", "占生产总值比重", "Share of GDP", "share"),
        _number("change", "比上期", "Change on the period before", "share"),
        Field("regions", "int", "地区数", "Regions", low=0),
        _REASONS,
    ),
)

FACTOR_FLOW = Table(
    "factor_flow",
    "要素流量",
    "Factor flow",
    ("kind", "period", "from_region", "to_region"),
    (
        _FLOW_KIND,
        _PERIOD,
        _FROM,
        _TO,
        _AMOUNT,
        _number("value", "数量", "Value"),
        _UNIT,
        Field("count", "int", "笔数", "Rows", low=0),
    ),
)

FLOW_UNMATCHED = Table(
    "flow_unmatched",
    "未归属流量",
    "Flow without a region",
    ("kind", "cause", "subject"),
    (
        _FLOW_KIND,
        Field(
            "cause",
            "choice",
            "原因",
            "Cause",
            choices=("no_account", "currency", "no_party", "no_region", "unknown_region"),
        ),
        Field("subject", "id", "对象", "Subject"),
        _AMOUNT,
        Field("count", "int", "笔数", "Rows", low=0),
    ),
)

GRAVITY = Table(
    "gravity",
    "引力模型",
    "Gravity",
    ("kind", "period", "term"),
    (
        _FLOW_KIND,
        _PERIOD,
        Field("term", "id", "变量", "Term"),
        _number("value", "系数", "Coefficient"),
        _number("error", "稳健标准误", "Robust standard error"),
        _number("low", "下限", "Low"),
        _number("high", "上限", "High"),
        _P,
        Field("pairs", "int", "地区对数", "Pairs", low=0),
        Field(
            "verdict",
            "choice",
            "状态",
            "State",
            choices=("estimated", "separated", "collinear", "not_converged", "few"),
        ),
        _REASONS,
    ),
)

BORDER_COST = Table(
    "border_cost",
    "边界成本",
    "Cost of a border",
    ("kind", "period", "from_region", "to_region"),
    (
        _FLOW_KIND,
        _PERIOD,
        _FROM,
        _TO,
        Field("observed", "float", "实际", "Observed"),
        Field("expected", "float", "预期", "Expected"),
        _UNIT,
        _number("residual", "对数偏离", "Log ratio to expected"),
        _number("equivalent", "从价等值", "Ad-valorem equivalent", "share"),
        Field("rank", "int", "位次", "Rank", low=1),
        _REASONS,
    ),
)

TABLES = (
    PRICE, MOVEMENT, SEGMENTATION, SEGMENTATION_TREND, BORDER_TEST, LOGISTICS, FACTOR_FLOW,
    FLOW_UNMATCHED, GRAVITY, BORDER_COST,
)  # fmt: skip
