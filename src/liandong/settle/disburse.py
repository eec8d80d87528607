"""Paying out accepted offers as loans and double entries."""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import DataError
from liandong.settle.ledger import account_id
from liandong.step import Rule, Tables, fold, output
from liandong.texts import both
from liandong.types import stable_id


class DisburseRule(Rule):
    """How offers are paid out.

    Attributes
    ----------
    as_of
        Offers of this day are paid out, on this day.
    unit
        Unit of the accounts.
    """

    as_of: date
    unit: str = "CNY"


@fold(
    reads=("offer", "product"),
    writes=("account", "entry", "loan"),
    rule=DisburseRule,
    part=("as_of",),
    approval=("offer",),
)
def disburse(tables: Tables, rule: DisburseRule) -> Tables:
    """Pay out every offer with an amount: debit the lender's loans, credit the borrower's deposits.

    Ids are hashes of project and product: doing it again adds nothing, and an offer of another
    amount for money that has been paid out is a conflict, never a second payment.

    Raises
    ------
    DataError
        If an offer names a product that is not there: its lender is unknown.
    """
    paid = _accepted(tables["offer"], rule.as_of)
    terms = _terms(paid, tables["product"])
    lender, borrower = terms["lender_id"].to_pylist(), paid["party_id"].to_pylist()
    credit = [account_id("deposits", x, rule.unit) for x in borrower]
    loan = _ids("loan", paid)
    days = pa.repeat(pa.scalar(rule.as_of), len(paid))
    return {
        **_accounts({"loans": lender, "deposits": borrower}, rule.unit),
        **output(
            "entry",
            entry_id=_ids("disburse", paid), amount=paid["amount"],
            debit=[account_id("loans", x, rule.unit) for x in lender], credit=credit,
            unit=[rule.unit] * len(paid), phase=["posted"] * len(paid), event_time=days,
            agreement=paid["product_id"], ref=loan,
        ),
        **output(
            "loan",
            loan_id=loan, party_id=paid["party_id"], lender_id=terms["lender_id"],
            product_id=paid["product_id"], account_id=credit, amount=paid["amount"],
            rate=paid["rate"], start=days, term_months=terms["term_months"],
            status=["current"] * len(paid),
        ),
    }  # fmt: skip


def _accepted(offer: pa.Table, day: date) -> pa.Table:
    on_the_day = pc.equal(offer["as_of"], pa.scalar(day))
    return offer.filter(pc.and_(on_the_day, pc.greater(offer["amount"], 0)))


def _terms(paid: pa.Table, product: pa.Table) -> pa.Table:
    at = pc.index_in(paid["product_id"], value_set=product["product_id"])
    unknown = paid["product_id"].filter(pc.is_null(at))
    if len(unknown):
        raise DataError(
            file="offer",
            what=both("fault.offer_product", product=unknown[0].as_py()),
            remedy=both("advice.load_product"),
        )
    return product.take(at)


def _ids(what: str, paid: pa.Table) -> list[str]:
    keys = zip(paid["project_id"].to_pylist(), paid["product_id"].to_pylist(), strict=True)
    return [stable_id(what, *key) for key in keys]


def _accounts(owners: dict[str, list[str]], unit: str) -> Tables:
    """Return the accounts of each class's owners, every one once."""
    pairs = sorted({(code, owner) for code, named in owners.items() for owner in named})
    return output(
        "account",
        account_id=[account_id(code, owner, unit) for code, owner in pairs],
        owner_id=[owner for _, owner in pairs],
        unit=[unit] * len(pairs),
        code=[code for code, _ in pairs],
    )
