"""Water at the borders of regions: sections, measurements, and indices of what was agreed."""

from liandong.schema.field import Field, Table

INDICATORS = ("permanganate", "ammonia", "phosphorus", "nitrogen")
"""Permanganate index, ammonia nitrogen, total phosphorus, total nitrogen."""

_SECTION = Field("section_id", "id", "断面", "Section")
_INDICATOR = Field(
    "indicator", "choice", "水质指标", "Indicator", choices=INDICATORS,
    words=(("高锰酸盐指数", "permanganate"), ("氨氮", "ammonia"), ("总磷", "phosphorus"),
           ("总氮", "nitrogen"), ("CODMn", "permanganate"), ("NH3-N", "ammonia"),
           ("TP", "phosphorus"), ("TN", "nitrogen")),
)  # fmt: skip
_PERIOD = Field("period", "id", "年度", "Year")
_REASONS = Field("reasons", "reasons", "理由", "Reasons")
_UNIT = "µg/L"
_INDEX = Field("index", "float", "补偿指数", "Index", null=True, low=0)

WATER_SECTION = Table(
    "water_section",
    "水质断面",
    "Section of a river",
    ("section_id",),
    (
        _SECTION,
        Field("name", "text", "名称", "Name", null=True),
        Field("river", "text", "河流", "River", null=True),
        Field("upstream_id", "region", "上游地区", "Region upstream"),
        Field("downstream_id", "region", "下游地区", "Region downstream"),
        Field(
            "body", "choice", "水体", "Body of water", choices=("river", "lake"),
            words=(("河流", "river"), ("湖库", "lake")),
        ),
    ),
)  # fmt: skip

WATER_BASE = Table(
    "water_base",
    "水质基本限值",
    "Agreed base of an indicator",
    ("section_id", "indicator", "valid_from"),
    (
        _SECTION,
        _INDICATOR,
        Field("valid_from", "date", "起始日", "Valid from", low="1950-01-01", high="2100-01-01"),
        Field("value", "int", "基本限值", "Base value", _UNIT, low=1, high=10**9),
    ),
)

WATER_SAMPLE = Table(
    "water_sample",
    "水质监测",
    "Measurement of water",
    ("section_id", "indicator", "day", "lab"),
    (
        _SECTION,
        _INDICATOR,
        Field("day", "date", "监测日", "Day", low="1950-01-01", high="2100-01-01"),
        Field("lab", "id", "监测机构", "Laboratory"),
        Field("value", "int", "浓度（低于检出限时为检出限）", "Value, or the limit of detection",
              _UNIT, low=0, high=10**9),
        Field("below", "bool", "低于检出限", "Below detection", null=True),
        Field("method", "text", "方法", "Method", null=True),
    ),
)  # fmt: skip

WATER_INDEX = Table(
    "water_index",
    "水质补偿指数",
    "Index of water quality",
    ("section_id", "period"),
    (
        _SECTION,
        _PERIOD,
        _INDEX,
        Field("low", "float", "区间下限", "Interval from", null=True, low=0),
        Field("high", "float", "区间上限", "Interval to", null=True, low=0),
        Field("threshold", "float", "限值", "Threshold", low=0),
        Field("months", "int", "有监测的月数", "Months measured", low=0, high=12),
        Field(
            "verdict", "choice", "结论", "Verdict",
            choices=("met", "missed", "unsure", "incomplete"),
        ),
        _REASONS,
    ),
)  # fmt: skip

WATER_INDICATOR = Table(
    "water_indicator",
    "年度水质指标",
    "Indicator of a year",
    ("section_id", "period", "indicator"),
    (
        _SECTION,
        _PERIOD,
        _INDICATOR,
        Field("value", "float", "年均值", "Mean of the year", _UNIT, null=True, low=0),
        Field("base", "int", "基本限值", "Base value", _UNIT, null=True, low=1),
        Field("term", "float", "对指数的贡献", "Part of the index", null=True, low=0),
        # 6 is worse than class V.
        Field("grade", "int", "水质类别", "Class of water", null=True, low=1, high=6),
        Field("months", "int", "有监测的月数", "Months measured", low=0, high=12),
        _REASONS,
    ),
)

WATER_TREND = Table(
    "water_trend",
    "水质趋势",
    "Trend of water quality",
    ("section_id", "measure"),
    (
        _SECTION,
        Field("measure", "choice", "指标", "Measure", choices=("index", *INDICATORS)),
        Field("years", "int", "年数", "Years", low=0),
        Field("s", "int", "S 统计量", "Kendall's S", null=True),
        Field("p", "float", "显著性", "p value", null=True, low=0, high=1),
        Field("slope", "float", "每年变化", "Change a year", null=True),
        Field(
            "verdict", "choice", "结论", "Verdict", choices=("falling", "rising", "level", "short")
        ),
        _REASONS,
    ),
)

TABLES = (WATER_SECTION, WATER_BASE, WATER_SAMPLE, WATER_INDEX, WATER_INDICATOR, WATER_TREND)
