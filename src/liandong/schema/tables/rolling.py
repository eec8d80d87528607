"""A round of decisions: what is still expected, posted prices, and what was decided at them."""

from liandong.schema.field import Field, Table

VOLUME_FORECAST = Table(
    "volume_forecast",
    "申请量预测",
    "Forecast of volume",
    ("as_of", "category"),
    (
        Field("as_of", "date", "预测日", "As of"),
        Field("category", "choice", "类别", "Category", choices=("micro", "other")),
        Field("volume", "money", "本轮尚待申请金额", "Still to be asked for", "CNY fen", low=0),
        Field("source", "text", "来源", "Source", null=True),
    ),
)

_PRICE = (
    Field("version", "id", "价格版本", "Price version"),
    Field("limit_id", "id", "限额", "Limit"),
    Field("as_of", "date", "评估日", "As of"),
    Field("price", "int", "影子价格", "Price", "1e-8 yuan per yuan", low=0),
    Field("left", "money", "剩余", "Left, or beyond its least", "CNY fen"),
    Field("reserve", "money", "预计可补", "Expected to be added", "CNY fen", low=0),
    Field("doubt", "money", "其中不确定", "Of which unsure", "CNY fen", low=0),
    Field("ahead", "money", "尚待申请", "Still to be asked for", "CNY fen", low=0),
    Field("seen", "money", "已申请", "Asked for so far", "CNY fen", low=0),
    Field("reasons", "reasons", "理由", "Reasons"),
)

BID_PRICE = Table("bid_price", "报出价格", "Posted price", ("version", "limit_id"), _PRICE)

REPRICING = Table("repricing", "调整价格", "Price made anew", ("version", "limit_id"), _PRICE)

DECISION = Table(
    "decision",
    "即时决定",
    "Decision",
    ("project_id", "as_of"),
    (
        Field("project_id", "id", "项目", "Project"),
        Field("as_of", "date", "评估日", "As of"),
        Field("seq", "int", "次序", "Place in order of time", low=1),
        Field("party_id", "id", "申请人", "Applicant"),
        Field("product_id", "id", "产品", "Product", null=True),
        Field("asked", "money", "最高可得", "Most it could get", "CNY fen", low=0),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=0),
        Field("rate", "rate", "利率", "Rate", "ppm a year", null=True),
        Field("version", "id", "价格版本", "Price version"),
        Field("reduced", "int", "净值", "Reduced value", "1e-8 yuan per yuan", null=True),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

TABLES = (VOLUME_FORECAST, BID_PRICE, REPRICING, DECISION)
