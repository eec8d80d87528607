"""Where loan money went: trails, places, and the lots that prove them, by the rule of law used."""

from liandong.schema.field import Field, Table

METHODS = ("fifo", "lifo", "clean_first", "taint_first", "haircut", "tiho")

_METHOD = Field("method", "choice", "规则", "Rule", choices=METHODS)
_LOAN = Field("loan_id", "id", "贷款", "Loan")

TRAIL = Table(
    "trail",
    "资金去向",
    "Trail",
    ("method", "loan_id", "flow_id", "step"),
    (
        _METHOD,
        _LOAN,
        Field("flow_id", "id", "流水", "Transfer"),
        Field("step", "int", "次序", "Step", low=0),
        Field("src_account", "id", "付款账户", "From account"),
        Field("dst_account", "id", "收款账户", "To account"),
        Field("amount", "money", "其中贷款资金", "Loan money in it", "CNY fen", low=1),
        Field("at", "time", "时间", "Time"),
    ),
)

HOLDING = Table(
    "holding",
    "资金落点",
    "Holding",
    ("method", "loan_id", "place"),
    (
        _METHOD,
        _LOAN,
        Field("place", "id", "账户或去处", "Account or sink"),
        Field("kind", "choice", "类型", "Kind", choices=("held", "repaid", "sink")),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=1),
    ),
)

TABLES = (TRAIL, HOLDING)
