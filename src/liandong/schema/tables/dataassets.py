"""Data assets: registered, what they cost and earn, what they are worth, pledged and covered."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.facts import EARLIEST, LATEST
from liandong.schema.tables.parties import VALID_TO

_ASSET = Field("asset_id", "id", "数据资产", "Data asset")
_AS_OF = Field("as_of", "date", "评估日", "As of")
_REASONS = Field("reasons", "reasons", "理由", "Reasons")
_PRINT = Field("fingerprint", "hash", "内容指纹", "Fingerprint of the content")
_CERTIFICATE = Field("certificate", "id", "登记证书", "Certificate", null=True)
_LENDER = Field("lender_id", "id", "质权人", "Lender")
_LOAN = Field("loan_id", "id", "贷款", "Loan", null=True)
_WORTH = Field("worth", "money", "押品价值", "Lending value", "CNY fen", null=True, low=0)
_KIND = Field(
    "kind", "choice", "形态", "Kind", choices=("dataset", "service", "report", "model")
)  # fmt: skip
_INDUSTRY = Field("industry", "industry", "行业", "Industry", null=True)
_RECORDS = Field("records", "int", "记录数", "Records", low=1)


def _score(name: str, zh: str, en: str) -> Field:
    return Field(name, "rate", zh, en, "ppm", low=0, high=1_000_000)


QUALITIES = ("conformity", "completeness", "accuracy", "consistency", "timeliness", "accessibility")
"""Sides of the quality of data, after GB/T 36344-2018."""

ASSET = Table(
    "data_asset",
    "数据资产",
    "Data asset",
    ("asset_id",),
    (
        _ASSET,
        Field("party_id", "id", "权利人", "Holder"),
        Field("name", "text", "名称", "Name", null=True),
        _KIND,
        _INDUSTRY,
        Field("holds", "bool", "数据资源持有权", "Right to hold"),
        Field("processes", "bool", "数据加工使用权", "Right to process and use"),
        Field("operates", "bool", "数据产品经营权", "Right to operate as a product"),
        Field("registry", "text", "登记机构", "Registry", null=True),
        _CERTIFICATE,
        Field("valid_from", "date", "登记日", "Registered on", low=EARLIEST, high=LATEST),
        VALID_TO,
        Field(
            "useful_until", "date", "预计有用至", "Useful until", null=True, low=EARLIEST,
            high=LATEST,
        ),
        _PRINT,
        _RECORDS,
        *(
            _score(*f)
            for f in zip(
                QUALITIES,
                ("规范性", "完整性", "准确性", "一致性", "时效性", "可访问性"),
                ("Conformity", "Completeness", "Accuracy", "Consistency", "Timeliness",
                 "Accessibility"),
                strict=True,
            )
        ),
        Field(
            "personal", "choice", "个人信息", "Personal data",
            choices=("none", "consented", "anonymised", "unproved"),
        ),
    ),
    checks=("valid_span",),
)  # fmt: skip

COST = Table(
    "data_cost",
    "数据资产成本",
    "Cost of a data asset",
    ("asset_id", "kind", "year"),
    (
        _ASSET,
        Field(
            "kind", "choice", "成本类别", "Kind",
            choices=("preliminary", "direct", "indirect", "opportunity", "tax"),
        ),
        Field("year", "int", "年份", "Year", low=1990, high=2100),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=0),
    ),
)  # fmt: skip

INCOME = Table(
    "data_income",
    "数据资产收入",
    "Income of a data asset",
    ("income_id",),
    (
        Field("income_id", "id", "编号", "Id"),
        _ASSET,
        Field("licensee_id", "id", "被许可方", "Licensee"),
        Field("valid_from", "date", "期间起", "Period from", low=EARLIEST, high=LATEST),
        Field("valid_to", "date", "期间止", "Period to", low=EARLIEST, high=LATEST),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=0),
    ),
    checks=("valid_span",),
)

SALE = Table(
    "data_sale",
    "数据产品成交",
    "Sale of a data product",
    ("sale_id",),
    (
        Field("sale_id", "id", "成交编号", "Sale"),
        _KIND,
        _INDUSTRY,
        Field("scope", "choice", "转让范围", "Scope", choices=("whole", "licence")),
        Field("sold_on", "date", "成交日", "Sold on", low=EARLIEST, high=LATEST),
        _RECORDS,
        _score("quality", "质量", "Quality"),
        Field("amount", "money", "成交价", "Price", "CNY fen", low=1),
    ),
)

COLLATERAL = Table(
    "data_collateral",
    "数据质押意向",
    "Data asset offered as collateral",
    ("project_id", "asset_id"),
    (Field("project_id", "id", "融资项目", "Project"), _ASSET),
)

VALUE = Table(
    "data_value",
    "数据资产评估",
    "Value of a data asset",
    ("asset_id", "as_of", "method"),
    (
        _ASSET,
        _AS_OF,
        Field(
            "method", "choice", "方法", "Method",
            choices=("cost", "income", "market", "lending"),
        ),
        Field("value", "money", "价值", "Value", "CNY fen", null=True, low=0),
        Field("low", "money", "区间下限", "Low", "CNY fen", null=True, low=0),
        Field("high", "money", "区间上限", "High", "CNY fen", null=True, low=0),
        _REASONS,
    ),
)  # fmt: skip

LIMIT = Table(
    "data_limit",
    "数据质押额度",
    "Limit on a data asset",
    ("project_id", "asset_id", "as_of"),
    (
        Field("project_id", "id", "融资项目", "Project"),
        _ASSET,
        _AS_OF,
        _WORTH,
        Field("taken", "money", "在先质押", "Taken by earlier pledges", "CNY fen", low=0),
        Field("most", "money", "最高可贷", "Most that can be lent", "CNY fen", low=0),
        _REASONS,
    ),
)

PLEDGE = Table(
    "data_pledge",
    "数据资产质押登记",
    "Pledge of a data asset",
    ("pledge_id",),
    (
        Field("pledge_id", "id", "质押登记", "Pledge"),
        _ASSET,
        Field("project_id", "id", "融资项目", "Project", null=True),
        _LENDER,
        _LOAN,
        _PRINT,
        _CERTIFICATE,
        Field("secured", "money", "担保金额", "Amount secured", "CNY fen", low=1),
        Field("pledged_on", "date", "质押日", "Pledged on", low=EARLIEST, high=LATEST),
        Field("until", "date", "登记期限至", "Registered until", null=True),
        Field("released_on", "date", "解除日", "Released on", null=True),
    ),
)

COVER = Table(
    "data_cover",
    "数据质押覆盖",
    "Cover of a pledge of data",
    ("pledge_id", "as_of"),
    (
        Field("pledge_id", "id", "质押登记", "Pledge"),
        _AS_OF,
        _ASSET,
        _LENDER,
        Field("loan_id", "id", "贷款", "Loan"),
        _WORTH,
        Field("prior", "money", "在先质押所欠", "Owed to earlier pledges", "CNY fen", low=0),
        Field("owed", "money", "担保余额", "Owed and secured", "CNY fen", low=0),
        Field("coverage", "rate", "质押覆盖率", "Cover", "ppm", null=True, low=0),
        Field("margin_call", "money", "应补足金额", "Margin call", "CNY fen", low=0),
        Field(
            "state", "choice", "状态", "State", choices=("covered", "short", "unvalued", "repaid")
        ),
        _REASONS,
    ),
)

TABLES = (ASSET, COST, INCOME, SALE, COLLATERAL, VALUE, LIMIT, PLEDGE, COVER)
