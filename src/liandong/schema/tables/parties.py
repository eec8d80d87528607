"""Who and where: parties, regions, ties and accounts at banks."""

from liandong.schema.field import Field, Table

VALID_FROM = Field("valid_from", "date", "生效日", "Valid from", null=True)
VALID_TO = Field("valid_to", "date", "失效日", "Valid to", null=True)

PARTY = Table(
    "party",
    "主体",
    "Party",
    ("party_id",),
    (
        Field("party_id", "id", "主体编号", "Party"),
        Field(
            "kind",
            "choice",
            "类型",
            "Kind",
            choices=("firm", "person", "bank", "fund", "government", "coop"),
        ),
        Field("name", "text", "名称", "Name", null=True, personal="name"),
        Field("name_en", "text", "英文名称", "English name", null=True, personal="name"),
        Field(
            "credit_code",
            "credit_code",
            "统一社会信用代码",
            "Unified social credit code",
            null=True,
            personal="number",
        ),
        Field("region_id", "region", "地区", "Region", null=True),
        Field("industry", "industry", "行业", "Industry", null=True),
        Field(
            "founded",
            "date",
            "成立日期",
            "Founded",
            null=True,
            low="1900-01-01",
            high="2100-01-01",
            personal="day",
        ),
        Field(
            "size_class",
            "choice",
            "规模",
            "Size class",
            null=True,
            choices=("micro", "small", "medium", "large"),
        ),
        Field("annual_revenue", "money", "年营业收入", "Annual revenue", "CNY fen", null=True),
        Field("staff", "int", "从业人数", "Staff", "people", null=True, low=0, high=10_000_000),
        VALID_FROM,
        VALID_TO,
    ),
    checks=("valid_span",),
    person=("kind", ("person",)),
)

REGION = Table(
    "region",
    "地区",
    "Region",
    ("region_id",),
    (
        Field("region_id", "region", "行政区划代码", "Adcode"),
        Field("parent_id", "region", "上级地区", "Parent", null=True),
        Field("name", "text", "名称", "Name"),
        Field("name_en", "text", "英文名称", "English name", null=True),
        Field(
            "level",
            "choice",
            "级别",
            "Level",
            choices=("nation", "belt", "province", "city", "county"),
        ),
        Field(
            "belt",
            "choice",
            "经济带",
            "Belt",
            null=True,
            choices=("east", "central", "west", "northeast", "other"),
        ),
        Field("lon", "float", "经度", "Longitude", "degree", null=True, low=-180, high=180),
        Field("lat", "float", "纬度", "Latitude", "degree", null=True, low=-90, high=90),
        Field("tile_x", "int", "瓦片列", "Tile column", null=True, low=0, high=200),
        Field("tile_y", "int", "瓦片行", "Tile row", null=True, low=0, high=200),
    ),
)

REGION_STAT = Table(
    "region_stat",
    "地区统计",
    "Regional statistic",
    ("region_id", "period", "measure", "vintage"),
    (
        Field("region_id", "region", "地区", "Region"),
        Field("period", "text", "时期", "Period"),
        Field("measure", "id", "指标", "Measure"),
        Field("vintage", "text", "版本", "Vintage"),
        Field("value", "float", "数值", "Value"),
        Field("unit", "text", "单位", "Unit"),
        Field("source", "text", "来源", "Source"),
    ),
)

EDGE = Table(
    "edge",
    "关系",
    "Tie",
    ("src", "dst", "kind", "valid_from"),
    (
        Field("src", "id", "起点", "From"),
        Field("dst", "id", "终点", "To"),
        Field(
            "kind",
            "choice",
            "类型",
            "Kind",
            choices=(
                "owns",
                "controls",
                "guarantees",
                "supplies",
                "directs",
                "same_address",
                "kin",
            ),
        ),
        Field("valid_from", "date", "生效日", "Valid from", low="1900-01-01", high="2100-01-01"),
        VALID_TO,
        Field("share", "rate", "份额", "Share", "ppm", null=True, low=0, high=1_000_000),
        Field(
            "share_low",
            "rate",
            "份额至少",
            "Share at least",
            "ppm",
            null=True,
            low=0,
            high=1_000_000,
        ),
        Field(
            "share_high",
            "rate",
            "份额至多",
            "Share at most",
            "ppm",
            null=True,
            low=0,
            high=1_000_000,
        ),
        Field("weight", "money", "金额", "Amount", "CNY fen", null=True),
        Field("source", "text", "来源", "Source", null=True),
    ),
    checks=("valid_span",),
)

BANK_ACCOUNT = Table(
    "bank_account",
    "银行账户",
    "Bank account",
    ("account_id",),
    (
        Field("account_id", "id", "账号", "Account"),
        Field("party_id", "id", "户主", "Owner"),
        Field("bank_id", "id", "开户行", "Bank", null=True),
        Field(
            "kind",
            "choice",
            "类型",
            "Kind",
            choices=(
                "current",
                "loan",
                "deposit",
                "wealth",
                "securities",
                "property",
                "tax",
                "cash",
                "fee",
            ),
        ),
        Field("opened", "date", "开户日", "Opened", null=True),
        Field("opening_balance", "money", "期初余额", "Opening balance", "CNY fen"),
        Field("facility", "money", "透支额度", "Overdraft facility", "CNY fen", null=True, low=0),
        # None means CNY. Amounts of the account are in hundredths of it.
        Field("currency", "text", "币种", "Currency", "ISO 4217", null=True),
    ),
    checks=("currency",),
)

TABLES = (PARTY, REGION, REGION_STAT, EDGE, BANK_ACCOUNT)
