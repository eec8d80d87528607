"""Whether the loans on data assets are still covered by what the assets are worth."""

from collections import defaultdict
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from liandong.match.data.pledge import Register, live
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.step.totals import must_fit, size
from liandong.types import PPM, Rate, end_of_day, from_epoch

Row = dict[str, Any]
COVER_MOST = 1_000 * PPM
"""A thousand times what is owed; more is not told apart."""


class DataCoverRule(Rule):
    """When a loan on data is covered.

    Attributes
    ----------
    as_of
        The day; assets need a value of this day.
    line
        Lending value over what is owed below which the margin is called.
    """

    as_of: date
    line: Rate = Field(default=Rate(1_500_000), ge=1_000_000, le=100_000_000)


@fold(
    reads=("data_pledge", "data_value", "loan", "flow"),
    writes=("data_cover",),
    rule=DataCoverRule,
    part=("as_of",),
    needs={"data_pledge": "load", "data_value": "match.data_value"},
)
def data_cover(tables: Tables, rule: DataCoverRule) -> Tables:
    """Hold what every pledge of data still secures against what the asset is worth on a day.

    A pledge secures its amount, and no more than its loan still owes. What earlier pledges of the
    same asset, or of the same content under another id, secure comes first. Below the line the
    margin is called: what is to be paid back, or else secured, until the rest is covered again.
    Without a lending value, as when the right has lapsed, all of it is called.

    Raises
    ------
    DataError
        If there is nothing to work on yet, or amounts are more than can be summed safely.
    """
    must_fit(size(tables["flow"]["amount"], tables["loan"]["amount"]), "flow")
    owed = _owed(tables, rule.as_of)
    value = tables["data_value"]
    today = pc.and_(pc.equal(value["method"], "lending"),
                    pc.equal(value["as_of"], pa.scalar(rule.as_of)))  # fmt: skip
    worth = dict(zip(*(value.filter(today)[n].to_pylist() for n in ("asset_id", "value")),
                     strict=True))  # fmt: skip
    found, before = [], Register()
    for p in live(tables["data_pledge"], tables["loan"], rule.as_of).to_pylist():
        if p["loan_id"] in owed:
            prior = sum(_secured(q, owed) for q in before.on(p))
            found.append({**p, **_cover(worth.get(p["asset_id"]), prior, _secured(p, owed),
                                        int(rule.line))})  # fmt: skip
        before.add(p)
    names = ("pledge_id", "asset_id", "lender_id", "loan_id", "worth", "prior", "owed", "coverage",
             "margin_call", "state")  # fmt: skip
    return output(
        "data_cover",
        **{n: [r[n] for r in found] for n in names},
        as_of=[rule.as_of] * len(found),
        reasons=reason_list([r["reasons"] for r in found]),
    )


def _secured(pledge: Row, owed: dict[str, int]) -> int:
    """Return what a pledge secures, fen: no more than its loan owes where that is known."""
    secured: int = pledge["secured"]
    return min(secured, owed.get(pledge["loan_id"], secured))


def _owed(tables: Tables, day: date) -> dict[str, int]:
    """Return what of each loan is not paid back by the end of a day."""
    loan, flow = tables["loan"], tables["flow"]
    until = pa.scalar(from_epoch(end_of_day(day)), pa.timestamp("us", "UTC"))
    back = flow.filter(pc.and_(pc.equal(flow["kind"], "repayment"),
                               pc.less_equal(flow["at"], until)))  # fmt: skip
    paid: dict[str | None, int] = defaultdict(int)
    for loan_id, fen in zip(*(back[n].to_pylist() for n in ("loan_id", "amount")), strict=True):
        paid[loan_id] += fen
    begun = loan.filter(pc.less_equal(loan["start"], pa.scalar(day)))
    return {r["loan_id"]: max(r["amount"] - paid[r["loan_id"]], 0) for r in begun.to_pylist()}


def _cover(worth: int | None, prior: int, owed: int, line: int) -> Row:
    """Return the cover of a loan.

    Parameters
    ----------
    worth, prior, owed
        Fen: lending value, what goes to earlier pledges, what this one secures.
    line
        Ppm.
    """
    same = {"worth": worth, "prior": prior, "owed": owed}
    if not owed:
        return {**same, "coverage": None, "margin_call": 0, "state": "repaid", "reasons": []}
    if worth is None:
        reasons = [("match.data_cover_unvalued", 0)]
        return {
            **same,
            "coverage": None,
            "margin_call": owed,
            "state": "unvalued",
            "reasons": reasons,
        }
    left = max(worth - prior, 0)
    call = max(owed - left * PPM // line, 0)
    reasons = [("match.data_cover_worth", worth)]
    reasons += [("match.data_cover_prior", prior)] if prior else []
    reasons += [("match.data_cover_owed", owed), ("match.data_cover_line", line)]
    reasons += [("match.data_cover_call", call)] if call else []
    return {
        **same, "coverage": min(left * PPM // owed, COVER_MOST), "margin_call": call,
        "state": "short" if call else "covered", "reasons": reasons,
    }  # fmt: skip
