"""How far apart regions are, whether they draw nearer, who moves, who is like its neighbours."""

from liandong.schema.field import Field, Table

INDICES = ("theil_t", "theil_l", "gini", "dagum", "sd_log", "cv")
CHANGES = ("rename", "merge", "split")
"""A region gets a new code, becomes a part of another one, or is dealt out among several."""
KINDS = ("sigma", "absolute", "conditional")
"""Convergence: the spread shrinks; the poor grow faster; they do within their belt."""
TESTS = ("q", "lr")
QUADRANTS = ("hh", "ll", "hl", "lh")
"""High or low itself, and among neighbours that are high or low."""

_REGION = Field("region_id", "region", "地区", "Region")
_MEASURE = Field("measure", "id", "指标", "Measure")
_PERIOD = Field("period", "text", "时期", "Period")
_VINTAGE = Field("vintage", "text", "版本", "Vintage")
_FIRST = Field("first", "text", "起始时期", "First period")
_LAST = Field("last", "text", "截止时期", "Last period")
_REGIONS = Field("regions", "int", "地区数", "Regions", low=0)
_REASONS = Field("reasons", "reasons", "说明", "Remarks")
_REMARKS = Field("remarks", "reasons", "说明", "Remarks", null=True)
_CASE = ("measure", "period", "vintage")


def _measured(name: str, zh: str, en: str) -> Field:
    return Field(name, "float", zh, en, null=True)


NEIGHBOUR = Table(
    "neighbour",
    "相邻地区",
    "Neighbouring regions",
    ("region_id", "other_id"),
    (
        _REGION,
        Field("other_id", "region", "相邻地区", "Neighbour"),
        Field("weight", "float", "权重", "Weight", low=0),
    ),
)

REGION_CHANGE = Table(
    "region_change",
    "区划变更",
    "Change of regions",
    ("old_id", "new_id"),
    (
        Field("old_id", "region", "原代码", "Old adcode"),
        Field("new_id", "region", "新代码", "New adcode"),
        Field("changed_on", "date", "变更日", "Changed on"),
        # Of what the old region had; null where nobody knows it.
        Field("share", "rate", "份额", "Share", "ppm", null=True, low=0, high=1_000_000),
        Field("kind", "choice", "类型", "Kind", choices=CHANGES),
    ),
)

ALIGNED_STAT = Table(
    "aligned_stat",
    "统一口径的地区统计",
    "Statistic of today's regions",
    ("region_id", "period", "measure", "vintage"),
    (
        _REGION,
        _PERIOD,
        _MEASURE,
        _VINTAGE,
        Field("value", "float", "数值", "Value"),
        Field("unit", "text", "单位", "Unit"),
        Field("apportioned", "rate", "重新分摊的比例", "Apportioned", "ppm", low=0),
        _REMARKS,
    ),
)

ALIGN_FAULT = Table(
    "align_fault",
    "未能对应的地区统计",
    "Statistic without a region",
    ("region_id", "period", "measure", "vintage"),
    (
        _REGION,
        _PERIOD,
        _MEASURE,
        _VINTAGE,
        Field("row", "int", "行号", "Row", low=1),
        Field("value", "float", "数值", "Value"),
        _REASONS,
    ),
)

GAP = Table(
    "gap",
    "地区差距",
    "Regional gap",
    (*_CASE, "index", "part"),
    (
        _MEASURE,
        _PERIOD,
        _VINTAGE,
        Field("index", "choice", "指数", "Index", choices=INDICES),
        Field("part", "id", "构成", "Part"),
        _measured("value", "数值", "Value"),
        _measured("share", "贡献率", "Share of the total"),
        _measured("low", "下限", "From"),
        _measured("high", "上限", "To"),
        _measured("p", "置换检验 p 值", "p by permutation"),
        _REGIONS,
        _REMARKS,
    ),
)

GAP_PAIR = Table(
    "gap_pair",
    "组间差距",
    "Gap between groups",
    (*_CASE, "one", "other"),
    (
        _MEASURE,
        _PERIOD,
        _VINTAGE,
        Field("one", "id", "组", "Group"),
        Field("other", "id", "另一组", "Other group"),
        _measured("gini", "组间基尼系数", "Gini between"),
        _measured("distance", "相对经济影响", "Relative affluence"),
        _measured("share", "贡献率", "Share of the total"),
    ),
)

CONVERGENCE = Table(
    "convergence",
    "收敛检验",
    "Convergence",
    ("measure", "vintage", "kind"),
    (
        _MEASURE,
        _VINTAGE,
        Field("kind", "choice", "类型", "Kind", choices=KINDS),
        _FIRST,
        _LAST,
        _REGIONS,
        _measured("estimate", "系数", "Coefficient"),
        _measured("se", "标准误", "Standard error"),
        _measured("p", "p 值", "p-value"),
        _measured("r2", "决定系数", "R squared"),
        _measured("speed", "年收敛速度", "Speed a year"),
        _measured("speed_se", "速度的标准误", "Standard error of the speed"),
        _measured("half_life", "半程年数", "Half-life in years"),
        _REASONS,
    ),
)

CONVERGENCE_REGION = Table(
    "convergence_region",
    "各地区的增长",
    "Growth of a region",
    ("measure", "vintage", "region_id"),
    (
        _MEASURE,
        _VINTAGE,
        _REGION,
        Field("start", "float", "期初水平（对数）", "Log of the first level"),
        Field("growth", "float", "年均增长（对数）", "Log growth a year"),
    ),
)

_GIVEN = Field("given", "int", "邻区等级（0 为全部）", "Class of the neighbours, 0 all", low=0)

MOBILITY = Table(
    "mobility",
    "等级流动",
    "Mobility",
    ("measure", "vintage", "given", "origin", "target"),
    (
        _MEASURE,
        _VINTAGE,
        _GIVEN,
        Field("origin", "int", "原等级", "From class", low=1),
        Field("target", "int", "新等级", "To class", low=1),
        Field("count", "int", "次数", "Count", low=0),
        _measured("probability", "概率", "Probability"),
    ),
)

MOBILITY_CLASS = Table(
    "mobility_class",
    "流动的等级",
    "Class of mobility",
    ("measure", "vintage", "given", "origin"),
    (
        _MEASURE,
        _VINTAGE,
        _GIVEN,
        Field("origin", "int", "等级", "Class", low=1),
        Field("count", "int", "次数", "Count", low=0),
        _measured("steady", "长期比例", "Share in the long run"),
        _measured("years", "平均停留期数", "Periods spent on average"),
    ),
)

MOBILITY_TEST = Table(
    "mobility_test",
    "流动同质性检验",
    "Test of mobility",
    ("measure", "vintage", "test"),
    (
        _MEASURE,
        _VINTAGE,
        Field("test", "choice", "检验", "Test", choices=TESTS),
        _FIRST,
        _LAST,
        _REGIONS,
        _measured("value", "统计量", "Statistic"),
        Field("dof", "int", "自由度", "Degrees of freedom", low=0),
        _measured("p", "p 值", "p-value"),
        _measured("p_permuted", "置换检验 p 值", "p by permutation"),
        _REASONS,
    ),
)

SPATIAL_DEPENDENCE = Table(
    "spatial_dependence",
    "空间相关",
    "Spatial dependence",
    (*_CASE, "region_id"),
    (
        _MEASURE,
        _PERIOD,
        _VINTAGE,
        # 100000 is the index of all regions together.
        _REGION,
        _measured("value", "莫兰指数", "Moran's I"),
        _measured("expected", "无相关时", "If there were none"),
        _measured("own", "本地（标准化）", "Own, standardised"),
        _measured("lag", "邻区（标准化）", "Neighbours, standardised"),
        Field("quadrant", "choice", "象限", "Quadrant", choices=QUADRANTS, null=True),
        _measured("p", "置换检验 p 值", "p by permutation"),
        _measured("q", "校正 p 值", "Adjusted p-value"),
        _REGIONS,
        _REASONS,
    ),
)

TABLES = (
    NEIGHBOUR,
    REGION_CHANGE,
    ALIGNED_STAT,
    ALIGN_FAULT,
    GAP,
    GAP_PAIR,
    CONVERGENCE,
    CONVERGENCE_REGION,
    MOBILITY,
    MOBILITY_CLASS,
    MOBILITY_TEST,
    SPATIAL_DEPENDENCE,
)
