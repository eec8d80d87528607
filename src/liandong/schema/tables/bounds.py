"""How much of a loan can be where, whatever the rule: bounds, and what limits them."""

from liandong.schema.field import Field, Table

_PLACE = (
    Field("place", "id", "账户或去处", "Account or sink"),
    Field("kind", "choice", "类型", "Kind", choices=("held", "repaid", "sink")),
)
_SIZES = (
    Field("least", "money", "至少", "Least", "CNY fen", low=0),
    Field("most", "money", "至多", "Most", "CNY fen", low=0),
    Field("reasons", "reasons", "理由", "Reasons"),
)

BOUND = Table(
    "bound",
    "去向界限",
    "Bound",
    ("loan_id", "place"),
    (Field("loan_id", "id", "贷款", "Loan"), *_PLACE, *_SIZES),
)

BORROWER_BOUND = Table(
    "borrower_bound",
    "借款人合计界限",
    "Bound of a borrower",
    ("party_id", "place"),
    (
        Field("party_id", "id", "借款人", "Borrower"),
        *_PLACE,
        Field("loans", "int", "贷款笔数", "Loans together", low=2),
        *_SIZES,
    ),
)

BOUND_LIMIT = Table(
    "bound_limit",
    "界限依据",
    "What limits a bound",
    ("loan_id", "place", "side", "flow_id", "what", "account_id"),
    (
        Field("loan_id", "id", "贷款", "Loan"),
        _PLACE[0],
        Field("side", "choice", "限制", "Limits the", choices=("least", "most")),
        Field("flow_id", "id", "流水", "Transfer"),
        Field("what", "choice", "种类", "What", choices=("transfer", "balance")),
        Field("account_id", "id", "账户", "Account"),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=1),
    ),
)

TABLES = (BOUND, BORROWER_BOUND, BOUND_LIMIT)
