"""Tracing in parts: which loans must be traced together, and what each such case gives."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.facts import FLOW
from liandong.schema.tables.tracing import HOLDING, TRAIL

_CASE = Field("case_id", "id", "案件", "Case")
_LOAN = Field("loan_id", "id", "贷款", "Loan")
_ACCOUNT = Field("account_id", "id", "账户", "Account")

CASE_LOAN = Table("case_loan", "案件贷款", "Loan of a case", ("loan_id",), (_CASE, _LOAN))

CASE_ACCOUNT = Table(
    "case_account",
    "案件账户",
    "Account of a case",
    ("case_id", "account_id"),
    (
        _CASE,
        _ACCOUNT,
        Field("at", "time", "最早可能触及", "Can be reached from"),
    ),
)

CASE_FLOW = Table(
    "case_flow",
    "案件流水",
    "Transfer of a case",
    ("case_id", "flow_id"),
    (_CASE, *FLOW.fields),
)

CASE_TRAIL = Table(
    "case_trail", "案件资金去向", "Trail of a case", TRAIL.key, (_CASE, *TRAIL.fields)
)

CASE_HOLDING = Table(
    "case_holding", "案件资金落点", "Holding of a case", HOLDING.key, (_CASE, *HOLDING.fields)
)

TAINT = Table(
    "taint",
    "触及账户",
    "Touched account",
    ("loan_id", "account_id"),
    (
        _LOAN,
        _ACCOUNT,
        Field("flow_id", "id", "首次触及流水", "Transfer that touched first"),
        Field("at", "time", "时间", "Time"),
        Field("hops", "int", "经手次数", "Transfers by then", low=1),
    ),
)

TABLES = (CASE_LOAN, CASE_ACCOUNT, CASE_FLOW, CASE_TRAIL, CASE_HOLDING, TAINT)
