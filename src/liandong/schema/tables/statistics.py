"""Case figures: what was reported for a month, what the board closed, and what comes of them.

Reported figures and those of the board's own cases are different tables, and results name their
``source``: they stand side by side and are never added up.
"""

from liandong.schema.field import Field, Table

FIGURES = ("problems", "handled", "sanctioned")
"""What is counted: problems dealt with, people handled, people sanctioned."""
SOURCES = ("reported", "own")
ALL_KINDS, ALL_LEVELS = "all_kinds", "all_levels"
KINDS = (
    ALL_KINDS, "formalism_policy", "formalism_duty", "formalism_service", "formalism_paperwork",
    "formalism_other", "gifts", "banquets", "ceremonies", "allowances", "travel", "vehicles",
    "extravagance_other", "other_kind",
)  # fmt: skip
LEVELS = (
    ALL_LEVELS, "provincial", "prefectural", "county_level", "township_level", "level_unknown",
)  # fmt: skip
"""Of the officials; the highest first."""
MEASURES = ("education", "organisational", "party_sanction", "state_sanction", "referral")
SANCTIONS = frozenset({"party_sanction", "state_sanction"})
STATUSES = ("whole", "partial", "absent")
VERDICTS = ("decomposed", "short", "broken")
MODELS = ("multiplicative", "additive")
BASES = ("population", "firms", "problems", "handled")
JUDGED = ("above", "below", "usual", "few")

_KIND_WORDS = (
    ("合计", ALL_KINDS), ("总计", ALL_KINDS),
    ("贯彻党中央重大决策部署有令不行、有禁不止", "formalism_policy"),
    ("履职尽责不担当、不作为、乱作为、假作为", "formalism_duty"),
    ("联系服务群众消极应付、冷硬横推", "formalism_service"),
    ("文山会海反弹回潮", "formalism_paperwork"),
    ("违规收送名贵特产和礼品礼金", "gifts"), ("违规收送礼品礼金", "gifts"),
    ("违规吃喝", "banquets"), ("违规操办婚丧喜庆", "ceremonies"),
    ("违规发放津补贴或福利", "allowances"), ("公款旅游", "travel"),
    ("违规配备使用公车", "vehicles"),
)  # fmt: skip
_LEVEL_WORDS = (
    ("合计", ALL_LEVELS), ("总计", ALL_LEVELS), ("省部级", "provincial"), ("地厅级", "prefectural"),
    ("县处级", "county_level"), ("乡科级及以下", "township_level"),
)  # fmt: skip
_MONTH = Field("month", "id", "月份", "Month", "YYYY-MM")
_REGION = Field("region_id", "region", "地区", "Region")
_KIND = Field("kind", "choice", "问题类型", "Type of problem", choices=KINDS, words=_KIND_WORDS)
_LEVEL = Field("level", "choice", "级别", "Level", choices=LEVELS, words=_LEVEL_WORDS)
_SOURCE = Field("source", "choice", "来源", "Source", choices=SOURCES)
_FIGURE = Field("figure", "choice", "指标", "Figure", choices=FIGURES)
_REASONS = Field("reasons", "reasons", "理由", "Reasons")
_COUNTS = (
    Field("problems", "int", "查处问题数", "Problems", low=0),
    Field("handled", "int", "批评教育和处理人数", "People handled", "people", low=0),
    Field("sanctioned", "int", "党纪政务处分人数", "People sanctioned", "people", low=0),
)


def _measured(name: str, zh: str, en: str) -> Field:
    return Field(name, "float", zh, en, null=True)


CASE_REPORT = Table(
    "case_report",
    "案件月报",
    "Monthly report of cases",
    ("month", "region_id", "kind", "level", "vintage"),
    (
        _MONTH,
        _REGION,
        _KIND,
        _LEVEL,
        # When it was published: a later one of the same month is a revision.
        Field("vintage", "id", "版本", "Vintage"),
        *_COUNTS,
        Field("publisher", "text", "发布单位", "Published by", null=True),
    ),
    checks=("month", "sanctioned_handled"),
)

CASE_PERSON = Table(
    "case_person",
    "案件涉及人员",
    "Person of a case",
    ("case_id", "person_id", "measure"),
    (
        Field("case_id", "id", "案件或线索编号", "Case or flag"),
        Field("person_id", "id", "人员编号（可为散列）", "Person, as a number or its hash"),
        _KIND,
        _LEVEL,
        Field("region_id", "region", "地区", "Region", null=True),
        Field("measure", "choice", "处理", "Measure", choices=MEASURES),
    ),
)

CASE_TALLY = Table(
    "case_tally",
    "本板案件月度统计",
    "Figures of own cases",
    ("month", "region_id", "kind", "level"),
    (
        _MONTH,
        _REGION,
        _KIND,
        _LEVEL,
        *_COUNTS,
        # The ids of the cases and flags.
        Field("evidence", "json", "依据", "Evidence", shape="texts"),
        _REASONS,
    ),
)

CASE_MONTH = Table(
    "case_month",
    "案件月度序列",
    "Month of a case series",
    ("source", "figure", "region_id", "kind", "level", "month"),
    (
        _SOURCE,
        _FIGURE,
        _REGION,
        _KIND,
        _LEVEL,
        _MONTH,
        Field("value", "int", "数值", "Value", null=True, low=0),
        Field("status", "choice", "完整性", "Completeness", choices=STATUSES),
        _measured("year_on_year", "同比", "Year on year"),
        _measured("trend", "趋势", "Trend"),
        _measured("season", "季节因子", "Season"),
        _measured("expected", "预期", "Expected"),
        _measured("low", "下限", "From"),
        _measured("high", "上限", "To"),
        Field("outlier", "bool", "异常月份", "Odd month"),
        # Days of the holiday; null where the calendar of the year is not known.
        Field("festival", "int", "春节假期天数", "Days of Spring Festival", "days", null=True),
        _REASONS,
    ),
)

CASE_SERIES = Table(
    "case_series",
    "案件序列",
    "Case series",
    ("source", "figure", "region_id", "kind", "level"),
    (
        _SOURCE,
        _FIGURE,
        _REGION,
        _KIND,
        _LEVEL,
        Field("first", "id", "起始月", "First month"),
        Field("last", "id", "截止月", "Last month"),
        Field("months", "int", "月数", "Months", low=1),
        Field("missing", "int", "缺月", "Months missing", low=0),
        Field("verdict", "choice", "分解结论", "Decomposition", choices=VERDICTS),
        Field("model", "choice", "模型", "Model", choices=MODELS, null=True),
        Field("outliers", "int", "异常月数", "Odd months", low=0),
        _measured("year", "近十二个月", "Last twelve months"),
        _measured("year_on_year", "近十二个月同比", "Twelve months on the twelve before"),
        _REASONS,
    ),
)

CASE_REGION = Table(
    "case_region",
    "案件地区比较",
    "Comparison of regions",
    ("source", "figure", "base", "region_id"),
    (
        _SOURCE,
        _FIGURE,
        Field("base", "choice", "基数", "Base", choices=BASES),
        _REGION,
        Field("first", "id", "起始月", "First month"),
        Field("last", "id", "截止月", "Last month"),
        # Null where small numbers are hidden.
        Field("count", "int", "数量", "Count", null=True, low=0),
        Field("size", "float", "基数值", "Size of the base"),
        _measured("rate", "比率", "Rate"),
        _measured("low", "下限", "From"),
        _measured("high", "上限", "To"),
        _measured("expected", "预期数", "Expected"),
        # To the whole; the two limits are of the same level as those of the rate.
        _measured("ratio", "与总体之比", "Ratio to the whole"),
        _measured("ratio_low", "比值下限", "Ratio from"),
        _measured("ratio_high", "比值上限", "Ratio to"),
        _measured("funnel_low", "漏斗下限", "Funnel from"),
        _measured("funnel_high", "漏斗上限", "Funnel to"),
        _measured("p", "p 值", "p-value"),
        _measured("q", "校正 p 值", "Adjusted p-value"),
        Field("verdict", "choice", "结论", "Verdict", choices=JUDGED),
        _REASONS,
    ),
)

TABLES = (CASE_REPORT, CASE_PERSON, CASE_TALLY, CASE_MONTH, CASE_SERIES, CASE_REGION)
