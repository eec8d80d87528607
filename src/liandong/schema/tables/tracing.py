"""Where loan money went: trails, places, and the lots that prove them, by the rule of law used."""

from liandong.schema.field import Field, Table

QUEUES = ("fifo", "lifo", "clean_first", "taint_first")
"""Methods that follow money lot by lot."""

METHODS = (*QUEUES, "haircut", "tiho")

PLACES = ("held", "repaid", "sink", "backward")

_METHOD = Field("method", "choice", "规则", "Rule", choices=METHODS)
_LOAN = Field("loan_id", "id", "贷款", "Loan")
_PLACE = Field("place", "id", "账户或去处", "Account or sink")
_KIND = Field("kind", "choice", "类型", "Kind", choices=PLACES)
# Amounts are in the loan's currency; this one is in that of the account it is in, if another.
_CONVERTED = Field(
    "converted", "money", "账户币种金额", "In the account's currency", "1/100", null=True, low=0
)

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
        Field("amount", "money", "其中贷款资金", "Loan money in it", "CNY fen", low=0),
        Field("at", "time", "时间", "Time"),
        Field("fx", "money", "汇兑差额", "Lost in exchange", "CNY fen", null=True),
        _CONVERTED,
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
        _PLACE,
        _KIND,
        # A gain in exchange is less than nothing in the sink fx.
        Field("amount", "money", "金额", "Amount", "CNY fen"),
        Field("cap", "money", "最低余额上限", "Cap by lowest balance", "CNY fen", null=True, low=0),
        _CONVERTED,
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
        Field("amount", "money", "金额", "Amount", "CNY fen"),
        Field("left", "money", "期末余留", "Still there at the end", "CNY fen"),
        Field("at", "time", "时间", "Time", null=True),
        _CONVERTED,
        Field(
            "converted_left", "money", "账户币种余留", "Left in that currency", "1/100", null=True
        ),
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
        Field("amount", "money", "金额", "Amount", "CNY fen", low=0),
        Field("repaid", "money", "该贷款还款合计", "Repaid on it in all", "CNY fen", low=1),
        Field("share", "rate", "占比", "Share", "ppm", low=0, high=1_000_000),
        Field("party_id", "id", "所还贷款借款人", "Borrower of the repaid loan", null=True),
        Field("same_party", "bool", "同一借款人", "Same borrower", null=True),
    ),
)

TIE_RANGE = Table(
    "tie_range",
    "同刻次序区间",
    "Range over orders of a moment",
    ("method", "loan_id", "place", "kind"),
    (
        _METHOD,
        _LOAN,
        _PLACE,
        _KIND,
        Field("least", "money", "最少", "Least", "CNY fen", low=0),
        Field("most", "money", "最多", "Most", "CNY fen", low=1),
        Field("orders", "int", "已试次序数", "Orders tried", low=1),
        Field("complete", "bool", "已穷尽", "All orders tried"),
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
    "original_exchanged",
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

TABLES = (TRAIL, HOLDING, LOT, ROLLOVER, TIE_RANGE, SHORTFALL, ODDITY)
