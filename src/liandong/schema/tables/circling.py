"""Money that comes back, and loan money that does no work."""

from liandong.schema.field import Field, Table

LEVELS = ("yellow", "orange", "red")
USES = ("deposit", "wealth", "securities", "property", "related", "round_trip")

_CIRCLE = Field("circle_id", "id", "回流编号", "Circle")
_LEVEL = Field("level", "choice", "级别", "Level", choices=LEVELS)
_REASONS = Field("reasons", "reasons", "理由", "Reasons")

CIRCLE = Table(
    "circle",
    "资金回流",
    "Circle of transfers",
    ("circle_id",),
    (
        _CIRCLE,
        Field("account_id", "id", "起止账户", "Begins and ends at"),
        Field("party_id", "id", "户主", "Owner", null=True),
        Field("legs", "int", "环节数", "Legs", low=2, high=8),
        Field("first_at", "time", "首笔时间", "First leg at"),
        Field("last_at", "time", "末笔时间", "Last leg at"),
        Field("hours", "float", "历时（小时）", "Hours", "hours", low=0),
        Field("first_amount", "money", "首笔金额", "First leg", "CNY fen", low=1),
        Field("last_amount", "money", "末笔金额", "Last leg", "CNY fen", low=1),
        Field("bottleneck", "money", "瓶颈金额", "Smallest leg", "CNY fen", low=1),
        Field("retained", "rate", "回流比例", "Last leg over first", "ppm", low=0),
        Field("loan_money", "money", "首笔中的贷款资金", "Loan money in the first leg", "CNY fen",
              low=0),
        Field("fresh_loan", "id", "之前新放贷款", "Loan paid out just before", null=True),
        Field("to_lender", "bool", "经过贷款人", "Passes a lender"),
        Field("owners", "int", "不同户主数", "Different owners", low=1),
        _LEVEL,
        _REASONS,
    ),
)  # fmt: skip

CIRCLE_LEG = Table(
    "circle_leg",
    "回流环节",
    "Leg of a circle",
    ("circle_id", "leg"),
    (
        _CIRCLE,
        Field("leg", "int", "次序", "Leg", low=1, high=8),
        Field("flow_id", "id", "流水", "Transfer"),
        Field("src_account", "id", "付款账户", "From account"),
        Field("dst_account", "id", "收款账户", "To account"),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=1),
        Field("loan_money", "money", "其中贷款资金", "Loan money in it", "CNY fen", low=0),
        Field("at", "time", "时间", "Time"),
    ),
)

IDLE = Table(
    "idle",
    "贷款空转",
    "Loan money that does no work",
    ("loan_id", "use"),
    (
        Field("loan_id", "id", "贷款", "Loan"),
        Field("use", "choice", "去向", "Went into", choices=USES),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=1),
        Field("loan_money", "money", "其中可追踪的贷款资金", "Loan money traced", "CNY fen", low=0),
        Field("share", "rate", "占贷款比例", "Share of the loan", "ppm", low=0),
        Field("days", "float", "放款后天数", "Days after the loan", "days", low=0),
        Field("flows", "int", "笔数", "Transfers", low=1),
        _LEVEL,
        _REASONS,
    ),
)

TABLES = (CIRCLE, CIRCLE_LEG, IDLE)
