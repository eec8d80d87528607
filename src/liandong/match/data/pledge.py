"""The register of pledges of data assets: what is offered on them, and which pledges hold."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liandong.match.supply.pledges import lent, offered
from liandong.match.supply.prints import PRINTS, hashed
from liandong.match.supply.twice import in_force
from liandong.step import Rule, Tables, fold, output
from liandong.types import stable_id

Row = dict[str, Any]


class DataPledgeRule(Rule):
    """Which offers data are pledged for.

    Attributes
    ----------
    as_of
        Offers and limits of this day, on this day.
    """

    as_of: date


@fold(
    reads=("offer", "data_limit", "data_asset", "product", "loan"),
    writes=("data_pledge",),
    rule=DataPledgeRule,
    part=("as_of",),
    needs={"data_limit": "match.data_limit"},
)
def data_pledge(tables: Tables, rule: DataPledgeRule) -> Tables:
    """Record the pledge of every data asset on which something can be lent to an offer's project.

    It secures what is offered, at most the limit on the asset. The lender of the offer's product
    holds it; where several products finance a project together, that of the first one. ``loan_id``
    names the loan once it has been paid out. Pledges to others and releases are loaded into the
    same table.
    """
    day = pa.scalar(rule.as_of)
    limit, asset = tables["data_limit"], tables["data_asset"]
    made = offered(tables["offer"], rule.as_of)
    today = limit.filter(pc.and_(pc.equal(limit["as_of"], day), pc.greater(limit["most"], 0)))
    total = made.group_by("project_id", use_threads=False).aggregate([("amount", "sum")])
    today = today.filter(pc.is_in(today["project_id"], value_set=made["project_id"]))
    by = made.take(pc.index_in(today["project_id"], value_set=made["project_id"]))
    whole = total["amount_sum"].take(
        pc.index_in(today["project_id"], value_set=total["project_id"])
    )
    known = asset.take(pc.index_in(today["asset_id"], value_set=asset["asset_id"]))
    lender, loan = lent(by, tables["product"], tables["loan"])
    pairs = zip(*(today[n].to_pylist() for n in ("project_id", "asset_id")), strict=True)
    return output(
        "data_pledge",
        pledge_id=[stable_id("data_pledge", *pair, rule.as_of) for pair in pairs],
        **{n: today[n] for n in ("asset_id", "project_id")},
        lender_id=lender,
        loan_id=loan,
        **{n: known[n] for n in ("fingerprint", "certificate")},
        secured=pc.min_element_wise(whole, today["most"]),
        pledged_on=pa.repeat(day, len(today)),
    )


def live(pledge: pa.Table, loan: pa.Table, day: date) -> pa.Table:
    """Return the pledges that hold on a day, the earliest first.

    A pledge holds until it is released, the term of its registration is over, or its loan is
    repaid.

    Parameters
    ----------
    pledge, loan
        The tables ``data_pledge`` and ``loan``.
    """
    repaid = loan.filter(pc.equal(loan["status"], "repaid"))["loan_id"]
    held = in_force(pledge, day)
    over = pc.fill_null(pc.less(held["until"], pa.scalar(day)), fill_value=False)
    gone = pc.is_in(held["loan_id"], value_set=pc.drop_null(repaid))
    held = held.filter(pc.invert(pc.or_(over, gone)))
    return held.sort_by([("pledged_on", "ascending"), ("pledge_id", "ascending")])


class Register:
    """Pledges that can be asked for by what they are on.

    Parameters
    ----------
    pledges
        Rows of ``data_pledge``.
    """

    def __init__(self, pledges: Iterable[Row] = ()) -> None:
        self._on: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
        for pledge in pledges:
            self.add(pledge)

    def add(self, pledge: Row) -> None:
        """Enter one more."""
        for key in _keys(pledge):
            self._on[key][pledge["pledge_id"]] = pledge

    def on(self, thing: Row) -> list[Row]:
        """Return those on an asset or on the same content under another id, as they came.

        Parameters
        ----------
        thing
            Has ``asset_id`` and ``fingerprint``.
        """
        one, other = (self._on.get(key, {}) for key in _keys(thing))
        return list((one | other).values())


def _keys(thing: Row) -> list[tuple[str, str]]:
    return [(name, thing[name]) for name in ("asset_id", "fingerprint")]


def as_invoices(pledge: pa.Table) -> pa.Table:
    """Return pledges of data in the shape of the table ``pledge``, to be held against others.

    The asset stands for the invoice and the certificate for its number; without a certificate, and
    in place of the content without a number, stands what no other pledge has.

    Parameters
    ----------
    pledge
        The table ``data_pledge``.
    """
    own = pledge["pledge_id"]
    certificate = pc.coalesce(pledge["certificate"], own)
    prints = (
        pledge["fingerprint"], hashed("certificate", certificate), hashed("pledge", own),
    )  # fmt: skip
    return output(
        "pledge",
        invoice_id=pledge["asset_id"],
        project_id=own,
        **dict(zip(PRINTS, prints, strict=True)),
        **{n: pledge[n] for n in ("lender_id", "loan_id", "pledged_on", "released_on")},
    )["pledge"]
