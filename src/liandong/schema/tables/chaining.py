"""Industry chains: input–output tables, who supplies whom, and what stops if one of them does."""

from liandong.schema.field import Field, Table

CELLS = ("inter", "final", "added", "imported", "error", "output")
"""What a cell of an input–output table is: a sale to an industry, a sale to final demand, value
added, imports (subtracted), the statistical discrepancy, or the total the table itself states."""

_PARTY = Field("party_id", "id", "主体", "Party")
_AS_OF = Field("as_of", "date", "评估日", "As of")
_REGION = Field("region_id", "region", "地区", "Region")
_INDUSTRY = Field("industry", "id", "行业", "Industry")
_REASONS = Field("reasons", "reasons", "理由", "Reasons")


def _money(name: str, zh: str, en: str) -> Field:
    return Field(name, "money", zh, en, "CNY fen")


def _count(name: str, zh: str, en: str) -> Field:
    return Field(name, "int", zh, en, low=0)


def _share(name: str, zh: str, en: str, *, null: bool = False) -> Field:
    return Field(name, "rate", zh, en, "ppm", null=null, low=0, high=1_000_000)


INPUT_OUTPUT = Table(
    "input_output",
    "投入产出表",
    "Input–output table",
    ("from_region", "from_industry", "to_region", "to_use", "period", "vintage"),
    (
        Field("cell", "choice", "单元格", "Cell", choices=CELLS),
        # Codes of the table itself: countries and industries are not always ours.
        Field("from_region", "id", "来源地区", "From region"),
        Field("from_industry", "id", "来源行业", "From industry"),
        Field("to_region", "id", "去向地区", "To region"),
        Field("to_use", "id", "用途", "Used by"),
        Field("period", "text", "时期", "Period"),
        Field("vintage", "text", "版本", "Vintage"),
        Field("value", "float", "数值", "Value"),
        Field("unit", "text", "单位", "Unit"),
    ),
    checks=("negative_input",),
)

SECTOR_NAME = Table(
    "sector_name",
    "投入产出部门",
    "Sector of an input–output table",
    ("industry", "vintage"),
    (
        _INDUSTRY,
        Field("vintage", "text", "版本", "Vintage"),
        Field("name", "text", "名称", "Name"),
        Field("name_en", "text", "英文名称", "English name", null=True),
    ),
)

INPUT_NEED = Table(
    "input_need",
    "投入需求",
    "Needed input",
    ("party_id", "industry"),
    (
        _PARTY,
        Field("industry", "industry", "投入品行业", "Industry of the input"),
        Field("critical", "bool", "缺之停产", "Stops without it"),
        Field("stock_days", "float", "库存天数", "Days of stock", "days", null=True, low=0,
              high=3650),
        _share("replaceable", "可替代比例", "Can be bought elsewhere", null=True),
        Field("source", "text", "来源", "Source", null=True),
    ),
)  # fmt: skip

CHAIN_SUMMARY = Table(
    "chain_summary",
    "产业链概况",
    "Chain in figures",
    ("as_of", "measure"),
    (_AS_OF, Field("measure", "id", "指标", "Measure"), Field("value", "int", "数值", "Value")),
)

CHAIN_NODE = Table(
    "chain_node",
    "产业链节点",
    "Chain node",
    ("party_id", "as_of"),
    (
        _PARTY,
        _AS_OF,
        Field("region_id", "region", "地区", "Region", null=True),
        Field("industry", "id", "行业", "Industry", null=True),
        # 1 sells to nobody further down; the longest way, circles count once.
        Field("layer", "int", "层级", "Layer", low=1),
        Field("circle", "int", "所在环的企业数", "Firms in its circle", low=1),
        _count("suppliers", "供应商数", "Suppliers"),
        _count("buyers", "客户数", "Buyers"),
        _money("bought", "采购额", "Bought"),
        _money("sold", "销售额", "Sold to firms"),
        _money("sold_final", "最终销售额", "Sold to final demand"),
        _count("sole_inputs", "单一来源投入数", "Single-source inputs"),
        _count("sole_buyers", "单一来源客户数", "Buyers with no other source"),
        # Firms that lose touch with the rest if it stops; 0 unless it is an articulation point.
        _count("cut_off", "断开的企业数", "Firms cut off"),
        _count("dominated", "必经的终端企业数", "Final producers all ways to which lead over it"),
    ),
)

CHOKEPOINT = Table(
    "chokepoint",
    "卡脖子环节",
    "Chokepoint",
    ("party_id", "as_of"),
    (
        _PARTY,
        _AS_OF,
        Field("rank", "int", "位次", "Rank", low=1),
        Field("points", "int", "得分", "Points"),
        _count("sole_buyers", "单一来源客户数", "Buyers with no other source"),
        _share("replaceable", "可替代比例", "Can be bought elsewhere"),
        _count("stopped", "停产企业数", "Firms that stop"),
        Field("first_day", "int", "首家停产日", "First stop on day", "days", null=True, low=0),
        _money("loss", "他人损失的销售额", "Sales others lose"),
        _count("cut_off", "断开的企业数", "Firms cut off"),
        _count("dominated", "必经的终端企业数", "Final producers dominated"),
        _REASONS,
    ),
)

CHAIN_TIE = Table(
    "chain_tie",
    "产业链证据",
    "Evidence tie",
    ("party_id", "as_of", "buyer_id"),
    (
        _PARTY,
        _AS_OF,
        Field("buyer_id", "id", "客户", "Buyer"),
        Field("industry", "id", "投入品行业", "Industry of the input"),
        Field("source", "choice", "来源", "Source", choices=("invoice", "edge")),
        _count("invoices", "发票数", "Invoices"),
        _money("amount", "金额", "Amount"),
        _share("share", "占该投入比例", "Share of this input"),
        Field("critical", "bool", "缺之停产", "Stops without it"),
        Field("stock_days", "float", "库存天数", "Days of stock", "days", low=0),
        _share("replaceable", "可替代比例", "Can be bought elsewhere"),
    ),
)

RIPPLE = Table(
    "ripple",
    "停产传导",
    "Ripple",
    ("party_id", "as_of", "stopped_id"),
    (
        _PARTY,
        _AS_OF,
        Field("stopped_id", "id", "停产企业", "Firm that stops"),
        Field("day", "int", "停产日", "Stops on day", "days", low=0),
        # The supplier that stopped last before, and the input that ran out.
        Field("cause_id", "id", "因谁停产", "Because of"),
        Field("industry", "id", "耗尽的投入品", "Input that ran out"),
        _money("loss", "损失的销售额", "Sales lost"),
    ),
)

UPSTREAMNESS = Table(
    "upstreamness",
    "上游度",
    "Upstreamness",
    ("source", "region_id", "industry", "period", "vintage"),
    (
        Field("source", "choice", "来源", "Source", choices=("input_output", "invoice")),
        Field("region_id", "id", "地区", "Region"),
        _INDUSTRY,
        Field("period", "text", "时期", "Period"),
        Field("vintage", "text", "版本", "Vintage"),
        Field("output", "float", "产出", "Output"),
        Field("unit", "text", "单位", "Unit"),
        # Row sum of the table less the output it states; null where it states none.
        Field("imbalance", "float", "行不平衡", "Row imbalance", null=True),
        Field("upstreamness", "float", "上游度", "Upstreamness", null=True),
        Field("downstreamness", "float", "下游度", "Downstreamness", null=True),
        Field("leontief", "float", "产出乘数", "Output multiplier", null=True),
        Field("ghosh", "float", "供给乘数", "Supply multiplier", null=True),
        Field("extraction", "float", "假设抽取损失", "Loss if extracted", null=True),
    ),
)

CHAIN_REGION = Table(
    "chain_region",
    "区域产业链",
    "Regional chain",
    ("region_id", "as_of"),
    (
        _REGION,
        _AS_OF,
        _count("firms", "企业数", "Firms"),
        _money("bought", "采购额", "Bought"),
        _money("sold", "销售额", "Sold to firms"),
        _share("own", "本地采购比例", "Bought at home", null=True),
        # The region it buys most from, itself left out.
        Field("from_region", "region", "最大外部来源地", "Depends most on", null=True),
        _share("from_share", "其占采购比例", "Share of purchases", null=True),
        Field("to_region", "region", "最大外部去向地", "Sells most to", null=True),
        _share("to_share", "其占销售比例", "Share of sales", null=True),
        _share("hhi", "来源集中度", "Concentration of sources", null=True),
        _count("sole_inputs", "单一来源投入数", "Single-source inputs"),
        _count("chokepoints", "本地卡脖子企业数", "Chokepoints at home"),
    ),
)  # fmt: skip

REGION_TIE = Table(
    "region_tie",
    "区域间供应",
    "Supply between regions",
    ("region_id", "other_id", "as_of"),
    (
        Field("region_id", "region", "采购地区", "Buying region"),
        Field("other_id", "region", "供应地区", "Supplying region"),
        _AS_OF,
        _money("amount", "金额", "Amount"),
        _share("share", "占采购比例", "Share of purchases"),
        _share("other_share", "占对方销售比例", "Share of the other's sales"),
        _count("sole_inputs", "单一来源投入数", "Single-source inputs"),
    ),
)

REGION_INPUT = Table(
    "region_input",
    "区域投入",
    "Input of a region",
    ("region_id", "industry", "as_of"),
    (
        _REGION,
        Field("industry", "id", "投入品行业", "Industry of the input"),
        _AS_OF,
        _money("amount", "金额", "Amount"),
        _share("share", "占采购比例", "Share of purchases"),
        _count("suppliers", "供应商数", "Suppliers"),
        # Of the firms that supply it, wherever they are.
        _share("hhi", "供应商集中度", "Concentration of suppliers", null=True),
        Field("supplier_id", "id", "最大供应商", "Largest supplier"),
        _share("supplier_share", "其占比", "Its share", null=True),
        Field("from_region", "region", "最大来源地", "Largest source", null=True),
        _share("from_share", "其占比", "Its share", null=True),
        _count("sole_buyers", "单一来源客户数", "Buyers with one source"),
    ),
)

TABLES = (
    INPUT_OUTPUT, SECTOR_NAME, INPUT_NEED, CHAIN_SUMMARY, CHAIN_NODE, CHOKEPOINT, CHAIN_TIE, RIPPLE,
    UPSTREAMNESS, CHAIN_REGION, REGION_TIE, REGION_INPUT,
)  # fmt: skip
