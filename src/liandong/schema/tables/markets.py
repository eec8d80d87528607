"""Markets: preferences and stable matchings, orders for quota and how they clear."""

from liandong.schema.field import Field, Table

PREFERENCE = Table(
    "preference",
    "偏好",
    "Preference",
    ("side", "who", "whom"),
    (
        Field("side", "choice", "哪一方", "Whose", choices=("project", "product")),
        Field("who", "id", "谁", "Who"),
        Field("whom", "id", "对谁", "Whom"),
        Field("rank", "int", "名次", "Rank", low=1, high=2**53),
    ),
)

STABLE_MATCH = Table(
    "stable_match",
    "稳定匹配",
    "Stable match",
    ("project_id", "as_of"),
    (
        Field("project_id", "id", "项目", "Project"),
        Field("as_of", "date", "评估日", "As of"),
        Field("product_id", "id", "产品", "Product", null=True),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=0),
        Field("project_rank", "int", "项目的志愿次序", "Choice of the project", null=True, low=1),
        Field("product_rank", "int", "产品的排序", "Place with the product", null=True, low=1),
        Field("other_id", "id", "对方最优时", "If best for the other side", null=True),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

_UNIT = Field("unit", "choice", "计量单位", "Unit", choices=("tce", "MWh", "mu", "core_hour"))
_SIDE = Field("side", "choice", "方向", "Side", choices=("buy", "sell"))

QUOTA_ORDER = Table(
    "quota_order",
    "指标订单",
    "Quota order",
    ("order_id",),
    (
        Field("order_id", "id", "订单编号", "Order"),
        Field("session", "id", "场次", "Session"),
        Field("party_id", "id", "参与者", "Participant"),
        Field("region_id", "region", "地区", "Region", null=True),
        _UNIT,
        _SIDE,
        Field("quantity", "int", "数量", "Quantity", "units", low=1, high=10**12),
        Field("price", "money", "限价", "Limit price", "CNY fen a unit", low=0),
        Field("at", "time", "提交时间", "Placed at", null=True),
    ),
)

TRADE = Table(
    "trade",
    "指标成交",
    "Quota trade",
    ("session", "number"),
    (
        Field("session", "id", "场次", "Session"),
        Field("number", "int", "序号", "Number", low=1),
        _UNIT,
        Field("buy_id", "id", "买单", "Buy order"),
        Field("sell_id", "id", "卖单", "Sell order"),
        Field("buyer_id", "id", "买方", "Buyer"),
        Field("seller_id", "id", "卖方", "Seller"),
        Field("to_region", "region", "买方地区", "To region", null=True),
        Field("from_region", "region", "卖方地区", "From region", null=True),
        Field("quantity", "int", "数量", "Quantity", "units", low=1),
        Field("price", "money", "买价", "Price paid", "CNY fen a unit", low=0),
        Field("amount", "money", "买方支付", "Paid", "CNY fen", low=0),
        Field("seller_price", "money", "卖价", "Price received", "CNY fen a unit", low=0),
        Field("seller_amount", "money", "卖方收到", "Received", "CNY fen", low=0),
    ),
)

CLEARING = Table(
    "clearing",
    "指标出清",
    "Clearing of quota",
    ("session",),
    (
        Field("session", "id", "场次", "Session"),
        _UNIT,
        Field("mechanism", "choice", "出清方式", "Mechanism", choices=("uniform", "mcafee")),
        Field("orders", "int", "订单数", "Orders", low=1),
        Field("volume", "int", "成交量", "Volume", "units", low=0),
        Field("price", "money", "买价", "Price paid", "CNY fen a unit", null=True, low=0),
        Field(
            "seller_price", "money", "卖价", "Price received", "CNY fen a unit", null=True, low=0
        ),
        Field("paid", "money", "买方共支付", "Paid", "CNY fen", low=0),
        Field("received", "money", "卖方共收到", "Received", "CNY fen", low=0),
        Field("kept", "money", "市场留存", "Kept by the market", "CNY fen", low=0),
        Field("gain", "money", "交易增益", "Gain from trade", "CNY fen", low=0),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

FILL = Table(
    "fill",
    "订单结果",
    "Fill of an order",
    ("order_id",),
    (
        Field("order_id", "id", "订单编号", "Order"),
        Field("session", "id", "场次", "Session"),
        Field("party_id", "id", "参与者", "Participant"),
        _SIDE,
        Field("asked", "int", "申报量", "Asked", "units", low=1),
        Field("filled", "int", "成交量", "Filled", "units", low=0),
        Field("price", "money", "成交价", "Price", "CNY fen a unit", null=True, low=0),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

TABLES = (PREFERENCE, STABLE_MATCH, QUOTA_ORDER, TRADE, CLEARING, FILL)
