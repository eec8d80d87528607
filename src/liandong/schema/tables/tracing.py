"""Where loan money went: trails, places, and the lots that prove them, by the rule of law used."""

from liandong.schema.field import Field, Table

QUEUES = ("fifo", "lifo", "clean_first", "taint_first")
"""Methods that follow money lot by lot."""

METHODS = (*QUEUES, "haircut", "tiho")

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
    ("method", "loan_id", "place", "kind"),
    (
        _METHOD,
        _LOAN,
        Field("place", "id", "账户或去处", "Account or sink"),
        Field("kind", "choice", "类型", "Kind", choices=("held", "repaid", "sink", "backward")),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=1),
        Field("cap", "money", "最低余额上限", "Cap by lowest balance", "CNY fen", null=True, low=0),
    ),
)

LOT = Table(
    "lot",
    "资金批次",
    "Lot",
    ("method", "loan_id", "lot_id"),
    (
        _METHOD,
        _LOAN,
        Field("lot_id", "int", "批次", "Lot", low=0),
        Field("parent", "int", "来源批次", "Taken from lot", null=True, low=0),
        Field("flow_id", "id", "流水", "Transfer", null=True),
        Field("src_account", "id", "付款账户", "From account", null=True),
        Field("dst_account", "id", "账户或去处", "Account or sink"),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=1),
        Field("left", "money", "期末余留", "Still there at the end", "CNY fen", low=0),
        Field("at", "time", "时间", "Time", null=True),
    ),
)

ROLLOVER = Table(
    "rollover",
    "以贷还贷",
    "Loan repaid by a loan",
    ("method", "loan_id", "repaid_loan_id"),
    (
        _METHOD,
        Field("loan_id", "id", "资金来自贷款", "Money of loan"),
        Field("repaid_loan_id", "id", "所还贷款", "Repaid loan"),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=1),
        Field("repaid", "money", "该贷款还款合计", "Repaid on it in all", "CNY fen", low=1),
        Field("share", "rate", "占比", "Share", "ppm", low=0, high=1_000_000),
        Field("party_id", "id", "所还贷款借款人", "Borrower of the repaid loan", null=True),
        Field("same_party", "bool", "同一借款人", "Same borrower", null=True),
    ),
)

SHORTFALL = Table(
    "shortfall",
    "不明资金",
    "Unexplained money",
    ("account_id",),
    (
        Field("account_id", "id", "账号", "Account"),
        Field("amount", "money", "隐含期初余额", "Implied opening balance", "CNY fen", low=1),
        Field("flow_id", "id", "首笔流水", "First transfer"),
        Field("at", "time", "时间", "Time"),
        Field("known", "bool", "账户在册", "Account is known"),
    ),
)

ODDITIES = (
    "to_itself",
    "of_nothing",
    "beyond_original",
    "original_missing",
    "original_later",
    "original_between_others",
    "without_original",
    "paid_out_again",
    "leaves_sink",
    "same_moment",
)

ODDITY = Table(
    "oddity",
    "流水异常",
    "Odd transfer",
    ("flow_id", "kind"),
    (
        Field("flow_id", "id", "流水", "Transfer"),
        Field("kind", "choice", "类型", "Kind", choices=ODDITIES),
        Field("amount", "money", "所涉金额", "Amount concerned", "CNY fen"),
        Field("at", "time", "时间", "Time"),
    ),
)

TABLES = (TRAIL, HOLDING, LOT, ROLLOVER, SHORTFALL, ODDITY)
