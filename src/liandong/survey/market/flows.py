"""What moves from where to where: money by accounts, goods by invoices, and what else was told."""

from typing import Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import DataError
from liandong.step import Rule, Tables, fold, output
from liandong.survey.regions import belts, cut
from liandong.texts import both
from liandong.types import CHINA

CAPITAL, GOODS = "capital", "goods"


class FlowsRule(Rule):
    """What is counted, and how finely.

    Attributes
    ----------
    level
        Regions between which flows are added up.
    period
        Years or months.
    capital
        Kinds of ``flow`` that move capital: wages, taxes, fees and cash do not.
    """

    level: Literal["province", "city"] = "province"
    period: Literal["year", "month"] = "year"
    capital: tuple[str, ...] = ("transfer", "disbursement", "repayment", "interest")


class _Moved(NamedTuple):
    """Rows with the party at both ends, and why an end has none."""

    kind: str
    at: pa.ChunkedArray
    amount: pa.ChunkedArray
    ends: tuple[pa.ChunkedArray, ...]
    lost: tuple[pa.ChunkedArray, ...]


@fold(
    reads=("flow", "bank_account", "party", "invoice", "movement", "region"),
    writes=("factor_flow", "flow_unmatched"),
    rule=FlowsRule,
)
def flows(tables: Tables, rule: FlowsRule) -> Tables:
    """Add up what moves from region to region, within a region too.

    ``capital`` is money that goes from the bank account of one party to that of another, ``goods``
    is what valid and red invoices say (net), each at the region of the party; other kinds are
    those of ``movement`` as told. What cannot be placed is counted in ``flow_unmatched`` by cause:
    the account, the party, or its region is unknown; a region without a name is not guessed.
    """
    places = _places(tables, rule)
    found = [
        _placed(m, places, rule) for m in (_capital(tables, rule), _goods(tables)) if len(m.at)
    ]
    told, strange = _told(tables["movement"], places, rule)
    flow = pa.concat_tables([*(f for f, _ in found), told])
    unmatched = pa.concat_tables([*(u for _, u in found), strange])
    return {"factor_flow": flow, "flow_unmatched": unmatched}


class _Places(NamedTuple):
    """The region of each party, cut to the level, and the regions there are."""

    party: pa.Array
    region: pa.Array
    known: pa.Array


def _places(tables: Tables, rule: FlowsRule) -> _Places:
    party = tables["party"]
    known = pa.array(sorted(belts(tables["region"], rule.level)), pa.string())
    return _Places(
        party["party_id"].combine_chunks(),
        cut(party["region_id"].combine_chunks(), rule.level),
        known,
    )


def _capital(tables: Tables, rule: FlowsRule) -> _Moved:
    flow, account = tables["flow"], tables["bank_account"]
    rows = flow.filter(pc.is_in(flow["kind"], value_set=pa.array(rule.capital, pa.string())))
    number = account["account_id"].combine_chunks()
    owner, currency = account["party_id"], pc.fill_null(account["currency"], "CNY")
    at = [pc.index_in(rows[c], value_set=number) for c in ("src_account", "dst_account")]
    src, dst = (owner.take(i) for i in at)
    lost = [pc.if_else(pc.is_null(i), "no_account", _nothing(rows)) for i in at]
    # An amount is in the currency of its payer.
    foreign = pc.fill_null(pc.not_equal(currency.take(at[0]), "CNY"), False)  # noqa: FBT003
    lost[0] = pc.if_else(foreign, "currency", lost[0])
    # Between accounts of one party nothing changes hands.
    kept = pc.fill_null(pc.not_equal(src, dst), True)  # noqa: FBT003
    at_home = pc.add(rows["at"], pa.scalar(CHINA.utcoffset(None), pa.duration("us")))
    columns = (at_home, rows["amount"], src, dst, *lost)
    clock, amount, src, dst, *lost = (c.filter(kept) for c in columns)
    return _Moved(CAPITAL, clock, amount, (src, dst), tuple(lost))


def _goods(tables: Tables) -> _Moved:
    invoice = tables["invoice"]
    rows = invoice.filter(pc.not_equal(invoice["status"], "void"))
    none = _nothing(rows)
    return _Moved(GOODS, rows["date"], rows["net"], (rows["seller"], rows["buyer"]), (none, none))


def _nothing(rows: pa.Table) -> pa.Array:
    return pa.nulls(len(rows), pa.string())


def _placed(moved: _Moved, places: _Places, rule: FlowsRule) -> tuple[pa.Table, pa.Table]:
    """Add up rows by region, and those that have none by cause."""
    regions, causes, subjects = [], [], []
    for party, lost in zip(moved.ends, moved.lost, strict=True):
        at = pc.index_in(party, value_set=places.party)
        region = places.region.take(at)
        known = pc.is_in(region, value_set=places.known)
        tests = pc.make_struct(pc.is_null(at), pc.is_null(region), pc.invert(known))
        cause = pc.case_when(tests, "no_party", "no_region", "unknown_region")
        cause = pc.coalesce(lost, cause)
        regions.append(region)
        causes.append(cause)
        subjects.append(
            pc.if_else(pc.equal(cause, "unknown_region"), region,
                       pc.if_else(pc.is_valid(cause), "*", pa.scalar(None, pa.string())))
        )  # fmt: skip
    period = pc.strftime(moved.at, format="%Y" if rule.period == "year" else "%Y-%m")
    table = pa.table({
        "period": period, "from_region": regions[0], "to_region": regions[1],
        "amount": moved.amount, "cause": pc.coalesce(*causes),
        "subject": pc.coalesce(*subjects),
    })  # fmt: skip
    good = pc.is_null(table["cause"])
    return (_sums(table.filter(good), "factor_flow", moved.kind),
            _sums(table.filter(pc.invert(good)), "flow_unmatched", moved.kind))  # fmt: skip


_BY = {
    "factor_flow": ["period", "from_region", "to_region"], "flow_unmatched": ["cause", "subject"]
}  # fmt: skip


def _sums(rows: pa.Table, name: str, kind: str) -> pa.Table:
    by = _BY[name]
    found = rows.group_by(by).aggregate([("amount", "sum"), ("amount", "count")])
    unit = {"unit": ["CNY"] * len(found)} if name == "factor_flow" else {}
    return output(
        name, kind=[kind] * len(found), **{n: found[n] for n in by},
        amount=found["amount_sum"], count=found["amount_count"], **unit,
    )[name]  # fmt: skip


def _told(movement: pa.Table, places: _Places, rule: FlowsRule) -> tuple[pa.Table, pa.Table]:
    """Add up what was told between regions, by periods as they were told."""
    _one_unit(movement)
    movement = movement.sort_by([(n, "ascending") for n in ("from_region", "to_region", "kind",
                                                            "period")])  # fmt: skip
    ends = {n: cut(movement[n], rule.level) for n in ("from_region", "to_region")}
    known = [pc.is_in(e, value_set=places.known) for e in ends.values()]
    rows = pa.table({**ends, **{n: movement[n] for n in ("kind", "period", "value", "unit")}})
    good = pc.and_(*known)
    by = ["kind", "period", "from_region", "to_region", "unit"]
    sums = [("value", "sum"), ("value", "count")]
    found = rows.filter(good).group_by(by, use_threads=False).aggregate(sums)
    subject = pc.if_else(known[0], ends["to_region"], ends["from_region"])
    odd = pa.table({"kind": rows["kind"], "subject": subject}).filter(pc.invert(good))
    strange = odd.group_by(["kind", "subject"]).aggregate([([], "count_all")])
    return (
        output("factor_flow", **{n: found[n] for n in by}, value=found["value_sum"],
               count=found["value_count"])["factor_flow"],
        output("flow_unmatched", kind=strange["kind"], subject=strange["subject"],
               cause=["unknown_region"] * len(strange), count=strange["count_all"])[
                   "flow_unmatched"],
    )  # fmt: skip


def _one_unit(movement: pa.Table) -> None:
    units = movement.group_by("kind").aggregate([("unit", "distinct")]).sort_by("kind")
    for r in units.to_pylist():
        if len(r["unit_distinct"]) > 1 or r["kind"] in {CAPITAL, GOODS}:
            found = ", ".join(sorted(r["unit_distinct"]))
            what = both("fault.movement_units", kind=r["kind"], units=found)
            raise DataError(file="movement", what=what, remedy=both("advice.movement_units"))
