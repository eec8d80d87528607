"""What regions make and could make: complexity, opportunities, partners, structure, cautions.

Every result is of one kind of output in one period and vintage; what cannot be said is null, and
``survey_caution`` says why.
"""

from liandong.schema.field import Field, Table

KINDS = ("industry", "patent", "product")
UNDEFINED = (
    "all_zero", "too_few", "alike", "disconnected", "equal_diversity", "sign_unclear",
    "close_eigenvalues", "mixed_units",
)  # fmt: skip
"""Why the complexity of no region and no item is defined."""
CODES = (
    *UNDEFINED, "suppressed", "negative", "not_finite", "duplicate", "unknown_region",
    "nested_regions", "mixed_vintages", "missing_periods", "small_total",
    "empty_region", "empty_item", "on_the_cut", "too_few_periods", "too_few_entries", "not_better",
)  # fmt: skip
WEIGHTS = ("undefined", "caution")
WARNINGS = ("none", "alike", "low_level")
MODELS = ("model", "density", "popularity", "advantage")
VERDICTS = ("better", "not_better")

_KIND = Field("kind", "choice", "类别", "Kind", choices=KINDS)
_PERIOD = Field("period", "text", "时期", "Period")
_VINTAGE = Field("vintage", "text", "版本", "Vintage")
_REGION = Field("region_id", "region", "地区", "Region")
_OTHER = Field("other_id", "region", "另一地区", "Other region")
_ITEM = Field("item", "id", "项目", "Item")
_PANEL = (_KIND, _PERIOD, _VINTAGE)
_EVIDENCE = Field("evidence", "json", "依据", "Evidence")
_REASONS = Field("reasons", "reasons", "理由", "Reasons")


def _figure(name: str, zh: str, en: str, unit: str = "") -> Field:
    return Field(name, "float", zh, en, unit, null=True)


def _rank(name: str, zh: str, en: str) -> Field:
    return Field(name, "int", zh, en, null=True, low=1)


REGION_OUTPUT = Table(
    "region_output",
    "地区产出",
    "Output of a region",
    ("region_id", "kind", "item", "period", "vintage"),
    (
        _REGION,
        _KIND,
        _ITEM,
        _PERIOD,
        _VINTAGE,
        # Null: there is a value, but it is kept secret.
        Field("value", "float", "数值（空为保密）", "Value, none if suppressed", null=True),
        Field("unit", "text", "单位", "Unit"),
    ),
)

COMPLEXITY = Table(
    "complexity",
    "地区复杂度",
    "Complexity of a region",
    ("kind", "period", "vintage", "region_id"),
    (
        *_PANEL,
        _REGION,
        Field("total", "float", "合计", "Total"),
        Field("diversity", "int", "优势项目数", "Items with an advantage", low=0),
        _figure("eci", "复杂度", "Complexity"),
        _rank("rank", "位次", "Rank"),
        # What 95 of 100 draws of the items give.
        _rank("rank_low", "位次上限", "Rank from"),
        _rank("rank_high", "位次下限", "Rank to"),
        _figure("fitness", "适合度", "Fitness"),
        _rank("fitness_rank", "适合度位次", "Rank by fitness"),
    ),
)

COMPLEXITY_PANEL = Table(
    "complexity_panel",
    "复杂度的根据",
    "What complexity stands on",
    ("kind", "period", "vintage"),
    (
        *_PANEL,
        Field("regions", "int", "地区数", "Regions", low=0),
        Field("items", "int", "项目数", "Items", low=0),
        Field("advantages", "int", "优势数", "Advantages", low=0),
        Field("parts", "int", "互不相连的部分", "Parts without a tie", low=0),
        Field("updates", "int", "适合度更新次数", "Updates of fitness", low=0),
        _figure("second", "第二特征值", "Second eigenvalue"),
        _figure("third", "第三特征值", "Third eigenvalue"),
        _figure("gap", "特征值间隔", "Gap of the eigenvalues", "share of the second"),
        _figure("sign", "与优势项目数的相关", "Correlation with diversity"),
        Field("defined", "bool", "复杂度有定义", "Complexity is defined"),
    ),
)

ITEM_COMPLEXITY = Table(
    "item_complexity",
    "项目复杂度",
    "Complexity of an item",
    ("kind", "period", "vintage", "item"),
    (
        *_PANEL,
        _ITEM,
        Field("total", "float", "合计", "Total"),
        Field("ubiquity", "int", "有优势的地区数", "Regions with an advantage", low=0),
        _figure("pci", "复杂度", "Complexity"),
        _rank("rank", "位次", "Rank"),
    ),
)

OPPORTUNITY = Table(
    "opportunity",
    "可发展项目",
    "Opportunity",
    ("kind", "period", "vintage", "region_id", "place"),
    (
        *_PANEL,
        _REGION,
        Field("place", "int", "序号", "Place", low=1),
        _ITEM,
        Field("rca", "float", "比较优势", "Advantage"),
        # Of what is related to the item, the share that the region is strong in.
        Field("density", "float", "关联密度", "Density"),
        _figure("complexity", "复杂度分位", "Standing of its complexity"),
        Field("score", "float", "得分", "Score"),
        _EVIDENCE,  # the related items it is strong in, with their proximity
        _REASONS,
    ),
)

PARTNER = Table(
    "partner",
    "互补伙伴",
    "Partner region",
    ("kind", "period", "vintage", "region_id", "place"),
    (
        *_PANEL,
        _REGION,
        Field("place", "int", "序号", "Place", low=1),
        _OTHER,
        # Of what is near to the one and not its own, weighed by density, the share of the other.
        Field("brings", "float", "对方可补", "What the other brings"),
        Field("takes", "float", "可补对方", "What it brings the other"),
        Field("score", "float", "得分", "Score"),
        _EVIDENCE,  # items both ways
        _REASONS,
    ),
)

STRUCTURE = Table(
    "structure",
    "地区结构",
    "Structure of a region",
    ("kind", "period", "vintage", "region_id"),
    (
        *_PANEL,
        _REGION,
        Field("items", "int", "项目数", "Items", low=0),
        Field("top_item", "id", "最突出项目", "Most marked item"),
        Field("top_lq", "float", "其区位商", "Its location quotient"),
        Field("krugman", "float", "克鲁格曼指数", "Krugman index"),
        Field("specialisation", "float", "专业化系数", "Specialisation coefficient"),
        Field("hachman", "float", "哈奇曼指数", "Hachman index"),
        Field("entropy", "float", "熵", "Entropy", "bit"),
        Field("herfindahl", "float", "赫芬达尔指数", "Herfindahl index"),
    ),
)

STRUCTURE_PAIR = Table(
    "structure_pair",
    "结构相似",
    "Regions of like structure",
    ("kind", "period", "vintage", "region_id", "other_id"),
    (
        *_PANEL,
        _REGION,
        _OTHER,
        Field("cosine", "float", "结构相似系数", "Cosine of shares"),
        Field("krugman", "float", "克鲁格曼距离", "Krugman distance"),
        Field("shared", "int", "共同优势项目数", "Advantages they share", low=0),
        Field("warning", "choice", "警示", "Warning", choices=WARNINGS),
        _EVIDENCE,
        _REASONS,
    ),
)

CONCENTRATION = Table(
    "concentration",
    "项目集中度",
    "Concentration of an item",
    ("kind", "period", "vintage", "item"),
    (
        *_PANEL,
        _ITEM,
        # What the regions' shares are compared with: their population, or all they make.
        Field("base", "choice", "基准", "Base", choices=("population", "output")),
        Field("regions", "int", "地区数", "Regions", low=1),
        Field("hoover", "float", "胡佛指数", "Hoover index"),
        Field("hoover_gini", "float", "胡佛基尼系数", "Hoover-Gini"),
    ),
)

ENTRY_TEST = Table(
    "entry_test",
    "进入预测检验",
    "Test of the forecast of entry",
    ("kind", "period", "vintage", "horizon", "model"),
    (
        *_PANEL,
        Field("horizon", "int", "年数", "Years ahead", low=1),
        Field("model", "choice", "模型", "Model", choices=MODELS),
        Field("cells", "int", "候选数", "Candidates", low=0),
        Field("entries", "int", "进入数", "Entries", low=0),
        Field("auc", "float", "AUC", "AUC"),
        _figure("low", "区间下限", "Interval from"),
        _figure("high", "区间上限", "Interval to"),
        # The model's area less this one's; whether it is surely above 0, or for the model all are.
        _figure("lead", "模型领先", "Lead of the model"),
        _figure("lead_low", "领先下限", "Lead from"),
        _figure("lead_high", "领先上限", "Lead to"),
        Field("verdict", "choice", "结论", "Verdict", choices=VERDICTS),
    ),
)

ENTRY_FORECAST = Table(
    "entry_forecast",
    "进入预测",
    "Forecast of entry",
    ("kind", "period", "vintage", "region_id", "place"),
    (
        *_PANEL,
        _REGION,
        Field("place", "int", "序号", "Place", low=1),
        _ITEM,
        Field("horizon", "int", "年数", "Years ahead", low=1),
        Field("chance", "float", "进入概率", "Chance of entry"),
        Field("density", "float", "关联密度", "Density"),
        # Whether the model beat every baseline; otherwise the figure claims nothing.
        Field("verdict", "choice", "结论", "Verdict", choices=VERDICTS),
        _REASONS,
    ),
)

SURVEY_CAUTION = Table(
    "survey_caution",
    "测评提示",
    "Caution of the survey",
    ("about", "kind", "period", "vintage", "code", "subject"),
    (
        Field("about", "id", "结果表", "Results"),
        *_PANEL,
        Field("code", "choice", "原因", "Cause", choices=CODES),
        # A region, an item, or ``all``.
        Field("subject", "id", "对象", "About"),
        Field("weight", "choice", "程度", "Weight", choices=WEIGHTS),
        Field("count", "int", "数量", "Count", low=0),
        _figure("value", "数值", "Value"),
        _EVIDENCE,
    ),
)

TABLES = (
    REGION_OUTPUT, COMPLEXITY, COMPLEXITY_PANEL, ITEM_COMPLEXITY, OPPORTUNITY, PARTNER,
    STRUCTURE, STRUCTURE_PAIR, CONCENTRATION, ENTRY_TEST, ENTRY_FORECAST, SURVEY_CAUTION,
)  # fmt: skip
