"""Paying out accepted offers as loans and double entries."""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import ConflictError, DataError
from liandong.settle.ledger import account_id
from liandong.settle.payers import must_be_paid_alike, payments
from liandong.step import Rule, Tables, fold, output
from liandong.texts import both
from liandong.types import stable_id


class DisburseRule(Rule):
    """How offers are paid out.

    Attributes
    ----------
    as_of
        Offers of this day are paid out, on this day.
    """

    as_of: date


UNIT = "CNY"


@fold(
    reads=("offer", "product", "loan", "entry", "contribution", "participation"),
    writes=("account", "entry", "loan"),
    rule=DisburseRule,
    part=("as_of",),
    approval=("offer", "product", "contribution"),
)
def disburse(tables: Tables, rule: DisburseRule) -> Tables:
    """Pay out every offer with an amount: debit the lender's loans, credit the borrower's deposits.

    A product with participations is paid out by its lenders, each with its contribution; the loan
    is one, in the name of the product's lender. Ids are hashes of project, product and, among
    several, the lender: doing it again adds nothing, and another amount or another payer of money
    that has been paid out is a conflict, never a second payment. A loan of this day whose money
    has been paid out stays, even if its offer is withdrawn afterwards.

    Raises
    ------
    DataError
        If an offer names a product that is not there: its lender is unknown; or if a product has
        several lenders and what they contribute is not the amount of the offer.
    ConflictError
        If the project of an offer has been paid out from another product or by other lenders.
    """
    paid = _accepted(tables["offer"], rule.as_of)
    terms = _terms(paid, tables["product"])
    borrower = paid["party_id"].to_pylist()
    credit = [account_id("deposits", x, UNIT) for x in borrower]
    loan = _loan_ids(paid)
    days = pa.repeat(pa.scalar(rule.as_of), len(paid))
    made = output(
        "loan",
        loan_id=loan, party_id=paid["party_id"], lender_id=terms["lender_id"],
        product_id=paid["product_id"], account_id=credit, amount=paid["amount"],
        rate=paid["rate"], start=days, term_months=terms["term_months"],
        status=["current"] * len(paid),
    )  # fmt: skip
    _must_not_pay_twice(paid, tables["loan"], tables["entry"], loan)
    kept = _paid_before(tables["loan"], tables["entry"], rule.as_of, made["loan"])
    lines = payments(paid, terms["lender_id"], tables, rule.as_of)
    lender, n = lines["lender_id"].to_pylist(), len(lines)
    entry = output(
        "entry",
        entry_id=lines["entry_id"], amount=lines["amount"],
        debit=[account_id("loans", x, UNIT) for x in lender],
        credit=pa.array(credit, pa.string()).take(lines["row"]), unit=[UNIT] * n,
        phase=["posted"] * n, event_time=pa.repeat(pa.scalar(rule.as_of), n),
        agreement=paid["product_id"].take(lines["row"]),
        ref=pa.array(loan, pa.string()).take(lines["row"]),
    )  # fmt: skip
    must_be_paid_alike(entry["entry"], tables["entry"])
    return {
        **_accounts({"loans": lender, "deposits": borrower}),
        **entry,
        "loan": pa.concat_tables([kept, made["loan"]]),
    }


def _accepted(offer: pa.Table, day: date) -> pa.Table:
    on_the_day = pc.equal(offer["as_of"], pa.scalar(day))
    return offer.filter(pc.and_(on_the_day, pc.greater(offer["amount"], 0)))


def _paid_before(loan: pa.Table, entry: pa.Table, day: date, made: pa.Table) -> pa.Table:
    """Return the loans of the day that were paid out, without those that are made again."""
    there = pc.and_(
        pc.equal(loan["start"], pa.scalar(day)), pc.is_in(loan["loan_id"], value_set=entry["ref"])
    )
    again = pc.is_in(loan["loan_id"], value_set=made["loan_id"])
    return loan.filter(pc.and_not(there, again))


def _must_not_pay_twice(paid: pa.Table, loan: pa.Table, entry: pa.Table, made: list[str]) -> None:
    before = set(entry["ref"].to_pylist()).difference(made)
    for product in pc.unique(loan["product_id"]).to_pylist() if before else []:
        for project in paid["project_id"].to_pylist():
            if stable_id("loan", project, product) in before:
                raise ConflictError(table="offer", key=project, field="product_id")


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


def _loan_ids(paid: pa.Table) -> list[str]:
    keys = zip(paid["project_id"].to_pylist(), paid["product_id"].to_pylist(), strict=True)
    return [stable_id("loan", *key) for key in keys]


def _accounts(owners: dict[str, list[str]]) -> Tables:
    """Return the accounts of each class's owners, every one once."""
    pairs = sorted({(code, owner) for code, named in owners.items() for owner in named})
    return output(
        "account",
        account_id=[account_id(code, owner, UNIT) for code, owner in pairs],
        owner_id=[owner for _, owner in pairs],
        unit=[UNIT] * len(pairs),
        code=[code for code, _ in pairs],
    )
