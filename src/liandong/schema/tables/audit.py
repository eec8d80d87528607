"""What an auditor signs: every loan reconciled to the fen, under every rule it was traced by."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.tracing import METHODS


def _fen(name: str, zh: str, en: str) -> Field:
    return Field(name, "money", zh, en, "CNY fen", low=0)


RECONCILIATION = Table(
    "reconciliation",
    "贷款资金对账",
    "Reconciliation",
    ("method", "loan_id"),
    (
        Field("method", "choice", "规则", "Rule", choices=METHODS),
        Field("loan_id", "id", "贷款", "Loan"),
        Field("currency", "text", "币种", "Currency", "ISO 4217", null=True),
        _fen("disbursed", "放款", "Disbursed"),
        _fen("held", "在账户中", "Held in accounts"),
        _fen("repaid", "归还本笔", "Repaid"),
        _fen("repaid_other", "归还其他贷款", "Spent on other loans"),
        _fen("fee", "手续费", "Fees"),
        _fen("tax", "税款", "Taxes"),
        _fen("cash", "取现", "Cash"),
        _fen("overdraft", "抵偿透支", "Overdrafts"),
        _fen("backward", "经透支回溯", "Traced back through overdrafts"),
        Field("fx", "money", "汇兑", "Foreign exchange", "CNY fen"),
        _fen("other", "其他去处", "Other sinks"),
        Field("difference", "money", "差额", "Difference", "CNY fen"),
        Field("places", "int", "落点", "Places", low=0),
        _fen("by_others", "他笔资金代还", "Repaid with other loans' money"),
        Field("evergreen", "bool", "以贷还贷", "Loan repaid by loan"),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

TABLES = (RECONCILIATION,)
