"""Funds of several lenders: every offer is paid by all of them, to the fen."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.allocation.sharing import shared
from liandong.match.pricing.costs import portion
from liandong.schema.arrow import empty
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.step.totals import must_fit, size
from liandong.texts import both
from liandong.types import PPM, YUAN

Int = NDArray[np.int64]

SUMS = ("amount", "interest", "expected_loss")
"""What is shared out."""


class SyndicateRule(Rule):
    """Which offers are shared out.

    Attributes
    ----------
    as_of
        Offers of this day, among the lenders of this day.
    """

    as_of: date


@fold(
    reads=("offer", "participation", "product", "quote"),
    writes=("contribution",),
    rule=SyndicateRule,
    part=("as_of",),
)
def syndicate(tables: Tables, rule: SyndicateRule) -> Tables:
    """Share every offer of a joint product out among its lenders.

    Offers are added up in the order of their projects. Of each sum every lender has paid his exact
    share, rounded down or up to the fen: parts of an offer add up to it, nothing drifts, and no
    order of rows matters. A year's interest and expected loss are shared out in the same way.
    Products without participations that have begun have one lender and need no contributions.

    Raises
    ------
    DataError
        If the shares of a product in force on the day are not 100 % together, a lender is there
        twice, a product is unknown, or its capacity asks more of a lender than he pays at most.
    """
    day = pa.scalar(rule.as_of)
    begun = tables["participation"].filter(
        pc.less_equal(tables["participation"]["valid_from"], day)
    )
    ended = pc.fill_null(pc.less(begun["valid_to"], day), fill_value=False)
    lenders = begun.filter(pc.invert(ended))
    lenders = lenders.sort_by([("product_id", "ascending"), ("lender_id", "ascending")])
    _must_be_whole(lenders, rule.as_of)
    _must_be_able(lenders, tables["product"])
    offer = tables["offer"]
    joint = pc.is_in(offer["product_id"], value_set=begun["product_id"])
    paid = pc.and_(pc.equal(offer["as_of"], day), pc.greater(offer["amount"], 0))
    offers = _sums(offer.filter(pc.and_(paid, joint)), tables["quote"])
    names = pc.unique(offers["product_id"]).to_pylist()
    parts = [
        _contributions(
            offers.filter(pc.equal(offers["product_id"], name)),
            lenders.filter(pc.equal(lenders["product_id"], name)),
            rule.as_of,
        )
        for name in names
    ]
    return {"contribution": pa.concat_tables([empty("contribution"), *parts])}


def _sums(offer: pa.Table, quote: pa.Table) -> pa.Table:
    """Return offers in order, with the interest and the expected loss of a year, fen or null."""
    must_fit(size(offer["amount"]), "offer")
    keys = ["project_id", "product_id", "as_of"]
    known = quote.select([*keys, "expected_loss"])
    found = offer.select([*keys, "amount", "rate"]).join(known, keys, use_threads=False)
    found = found.sort_by([("product_id", "ascending"), ("project_id", "ascending")])
    amount = found["amount"].to_numpy()
    for name, rate in (("interest", "rate"), ("expected_loss", "expected_loss")):
        each = pc.fill_null(found[rate].cast(pa.int64()), 0).to_numpy()
        sums = pa.array(portion(amount, each), mask=pc.is_null(found[rate]).to_numpy())
        at = found.column_names.index(rate)
        found = found.set_column(at, name, sums)
    return found


def _contributions(offers: pa.Table, lenders: pa.Table, day: date) -> pa.Table:
    """Return the parts of all lenders of one product, offers outermost."""
    if not len(lenders):
        raise _faulty("fault.participation_sum", offers["product_id"][0], day=day, total=0)
    n, m = len(offers), len(lenders)
    share = lenders["share"].to_numpy().astype(np.int64)
    columns = [pc.fill_null(offers[name], 0).to_numpy() for name in SUMS]
    upto = np.concatenate([np.cumsum(c) for c in columns])
    had = shared(upto, share // np.gcd.reduce(share)).reshape(len(SUMS), n, m)
    parts = np.diff(had, axis=1, prepend=0).reshape(len(SUMS), n * m)
    row, who = pa.array(np.repeat(np.arange(n), m)), pa.array(np.tile(np.arange(m), n))
    each, of = offers.take(row), lenders.take(who)
    reasons = Reasons(n * m)
    reasons.add("match.fund_share", of["share"].to_numpy())
    most = pc.fill_null(of["most"], 0).to_numpy()
    reasons.add("match.fund_most", most // YUAN, of["most"].is_valid().to_numpy())
    given = [
        pa.array(p, mask=pc.is_null(each[name]).to_numpy())
        for name, p in zip(SUMS, parts, strict=True)
    ]
    return output(
        "contribution",
        project_id=each["project_id"],
        product_id=each["product_id"],
        as_of=each["as_of"],
        lender_id=of["lender_id"],
        region_id=of["region_id"],
        share=of["share"],
        **dict(zip(SUMS, given, strict=True)),
        reasons=reasons.column(),
    )["contribution"]


def _must_be_whole(lenders: pa.Table, day: date) -> None:
    """Refuse shares that are not the whole of a product, and lenders that are there twice."""
    named = lenders.group_by(["product_id", "lender_id"], use_threads=False)
    counts = named.aggregate([("share", "count")]).sort_by("product_id")
    twice = counts.filter(pc.greater(counts["share_count"], 1)).to_pylist()
    if twice:
        lender = twice[0]["lender_id"]
        raise _faulty("fault.participation_twice", twice[0]["product_id"], day=day, lender=lender)
    whole = lenders.group_by("product_id", use_threads=False).aggregate([("share", "sum")])
    off = whole.filter(pc.not_equal(whole["share_sum"], PPM)).sort_by("product_id").to_pylist()
    if off:
        total = off[0]["share_sum"]
        raise _faulty("fault.participation_sum", off[0]["product_id"], day=day, total=total)


def _must_be_able(lenders: pa.Table, product: pa.Table) -> None:
    """Refuse capacities of which some lender's share is more than he pays at most."""
    at = pc.index_in(lenders["product_id"], value_set=product["product_id"])
    unknown = lenders["product_id"].filter(pc.is_null(at))
    if len(unknown):
        raise _faulty("fault.participation_product", unknown[0])
    capped = lenders.append_column("capacity", product["capacity"].take(at))
    capped = capped.filter(pc.is_valid(capped["most"]))
    asked = -portion(-capped["capacity"].to_numpy(), capped["share"].to_numpy().astype(np.int64))
    over = np.flatnonzero(asked > capped["most"].to_numpy())
    if len(over):
        row = capped.slice(int(over[0]), 1).to_pylist()[0]
        able = row["most"] * PPM // row["share"] // YUAN
        product_id, lender = row["product_id"], row["lender_id"]
        raise _faulty("fault.participation_most", product_id, lender=lender, able=able)


def _faulty(code: str, product: object, **more: object) -> DataError:
    name = product.as_py() if isinstance(product, pa.Scalar) else product
    remedy = both("advice.participation")
    return DataError(file="participation", what=both(code, product=name, **more), remedy=remedy)
