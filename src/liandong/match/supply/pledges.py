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
    made, claim = offered(tables["offer"], rule.as_of), tables["receivable"]
    today = claim.filter(pc.and_(pc.equal(claim["as_of"], day), pc.greater(claim["advance"], 0)))
    at = pc.index_in(today["project_id"], value_set=made["project_id"])
    today, by = today.filter(pc.is_valid(at)), made.take(at.drop_null())
    row = pc.index_in(today["invoice_id"], value_set=tables["invoice"]["invoice_id"])
    known = with_prints(tables["invoice"].take(row), tables["party"])
    lender, loan = lent(by, tables["product"], tables["loan"])
    return output(
        "pledge",
        invoice_id=today["invoice_id"],
        project_id=today["project_id"],
        **{name: known[name] for name in PRINTS},
        lender_id=lender,
        loan_id=loan,
        pledged_on=pa.repeat(day, len(today)),
    )


def offered(offer: pa.Table, day: date) -> pa.Table:
    """Return what was offered on a day, by project and product."""
    today = pc.equal(offer["as_of"], pa.scalar(day))
    made = offer.filter(pc.and_(today, pc.greater(offer["amount"], 0)))
    return made.sort_by([("project_id", "ascending"), ("product_id", "ascending")])


def lent(offer: pa.Table, product: pa.Table, loan: pa.Table) -> tuple[pa.ChunkedArray, pa.Array]:
    """Return who lends what is offered, and the id of the loan, null until it has been paid out."""
    at = pc.index_in(offer["product_id"], value_set=product["product_id"])
    keys = zip(*(offer[n].to_pylist() for n in ("project_id", "product_id")), strict=True)
    ids = pa.array([stable_id("loan", *key) for key in keys], pa.string())
    paid = pc.is_in(ids, value_set=loan["loan_id"])
    return product["lender_id"].take(at), pc.if_else(paid, ids, None)
