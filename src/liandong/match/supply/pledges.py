"""What is offered on receivables is pledged: a row an invoice, with its fingerprints."""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from liandong.match.supply.prints import PRINTS, with_prints
from liandong.step import Rule, Tables, fold, output
from liandong.types import stable_id


class PledgeRule(Rule):
    """Which offers are pledged for.

    Attributes
    ----------
    as_of
        Offers of this day, on this day.
    """

    as_of: date


@fold(
    reads=("offer", "receivable", "invoice", "party", "product", "loan"),
    writes=("pledge",),
    rule=PledgeRule,
    part=("as_of",),
)
def pledge(tables: Tables, rule: PledgeRule) -> Tables:
    """Record the pledge of every invoice of a project that got an offer.

    The lender of the offer's product holds it; where several products finance a project together,
    that of the first one. ``loan_id`` names the loan once it has been paid out. Pledges to others
    and releases are loaded into the same table.
    """
    day = pa.scalar(rule.as_of)
    offer, claim = tables["offer"], tables["receivable"]
    made = offer.filter(pc.and_(pc.equal(offer["as_of"], day), pc.greater(offer["amount"], 0)))
    made = made.sort_by([("project_id", "ascending"), ("product_id", "ascending")])
    today = claim.filter(pc.and_(pc.equal(claim["as_of"], day), pc.greater(claim["advance"], 0)))
    at = pc.index_in(today["project_id"], value_set=made["project_id"])
    today, by = today.filter(pc.is_valid(at)), made.take(at.drop_null())
    row = pc.index_in(today["invoice_id"], value_set=tables["invoice"]["invoice_id"])
    known = with_prints(tables["invoice"].take(row), tables["party"])
    product = pc.index_in(by["product_id"], value_set=tables["product"]["product_id"])
    keys = zip(by["project_id"].to_pylist(), by["product_id"].to_pylist(), strict=True)
    loan = pa.array([stable_id("loan", *key) for key in keys], pa.string())
    paid = pc.is_in(loan, value_set=tables["loan"]["loan_id"])
    return output(
        "pledge",
        invoice_id=today["invoice_id"],
        project_id=today["project_id"],
        **{name: known[name] for name in PRINTS},
        lender_id=tables["product"]["lender_id"].take(product),
        loan_id=pc.if_else(paid, loan, None),
        pledged_on=pa.repeat(day, len(today)),
    )
