"""What lending, watching and tracing say of each region and industry, on one day."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from liandong.step import Rule, Tables, fold, output
from liandong.survey.money.tallies import (
    NOWHERE,
    Leaf,
    Moved,
    Places,
    Tally,
    added,
    counted,
    leaves,
    placed,
    ratios,
    weighted,
)
from liandong.types import CHINA, PPM, Money

LEVELS = ("red", "orange", "yellow")
RATIOS = {
    "covered": ("borrowers", "firms", PPM),
    "price": ("interest", "priced", 1),
    "micro_share": ("micro", "sized", PPM),
    "small_loan_share": ("small_loans", "loans", PPM),
    "default_share": ("defaulted", "lent", PPM),
    "expected_loss_rate": ("loss_year", "balance", PPM),
    "idle_share": ("idle", "lent", PPM),
}
"""Measures that are a ratio of two sums, with the scale; all of them come in ppm."""
HELPERS = frozenset({"interest", "priced", "micro", "sized", "small_loans"})
"""Sums that only ratios need."""
COUNTS = frozenset({
    "firms", "borrowers", "loans", "defaults", "other_currency",
    *(f"alerts_{level}" for level in LEVELS),
})  # fmt: skip
"""Measures that are numbers of something; what is neither these nor a ratio is in fen."""


class RegionMoneyRule(Rule):
    """What is counted, and when.

    Attributes
    ----------
    as_of
        The day; loans made and alerts known by its end count, and the provision of this day.
    small
        Firms with a yearly revenue up to this are small.
    small_loan
        Loans up to this are small.
    default_days
        Defaults of so many days up to the day count.
    method
        By which rule of tracing it is told where loan money lies.
    """

    as_of: date
    small: Money = Field(default=Money(1_000_000_000), ge=0)
    small_loan: Money = Field(default=Money(100_000_000), ge=0)
    default_days: int = Field(default=365, ge=1, le=36_600)
    method: Literal["fifo", "lifo", "clean_first", "taint_first", "haircut", "tiho"] = "fifo"


@fold(
    reads=("party", "region", "loan", "bank_account", "provision", "event", "alert", "idle",
           "holding", "edge"),
    writes=("region_money",),
    rule=RegionMoneyRule,
    part=("as_of",),
    needs={"party": "load"},
)  # fmt: skip
def money(tables: Tables, rule: RegionMoneyRule) -> Tables:
    """Add up lending, its price and losses, its reach, and where its money lies, by region.

    Loans belong where their borrower is; each region holds those of the regions in it, by section
    of industry and for all (``*``). What a party's region does not tell counts for the nation
    alone. Tables that are not there give no measures, and a ratio of nothing is no row: a missing
    number is never a zero. Amounts are exact; loans paid out in other currencies than yuan are
    counted (``other_currency``) and not added. The status of a loan, ``idle`` and ``holding`` are
    those of the newest state; all else is of the day.
    """
    leaf, places = leaves(tables["party"]), Places(tables["region"])
    loan, foreign = _loans(tables, rule)
    tallies = {
        **_firms(tables, leaf, loan, rule), **_lending(leaf, loan, foreign, rule),
        **_risk(tables, leaf, loan, rule), **_watched(tables, leaf, rule),
    }  # fmt: skip
    sums = {n: places.up(t) for n, t in tallies.items()} | _lying(tables, leaf, loan, places, rule)
    rows = sorted(_rows(sums))
    return output(
        "region_money",
        region_id=[r[0] for r in rows],
        industry=[r[1] for r in rows],
        as_of=pa.repeat(pa.scalar(rule.as_of), len(rows)),
        measure=[r[2] for r in rows],
        value=[r[3] for r in rows],
        unit=[r[4] for r in rows],
    )


def _loans(tables: Tables, rule: RegionMoneyRule) -> tuple[pa.Table, pa.Table]:
    """Return the loans in yuan, and those in other currencies, made up to the day."""
    loan = tables["loan"].select(
        ["loan_id", "party_id", "account_id", "amount", "rate", "start", "status"]
    )
    loan = loan.filter(pc.less_equal(loan["start"], rule.as_of))
    account = tables["bank_account"]
    other = account.filter(pc.not_equal(pc.fill_null(account["currency"], "CNY"), "CNY"))
    foreign = pc.is_in(loan["account_id"], value_set=pc.unique(other["account_id"]))
    return loan.filter(pc.invert(foreign)), loan.filter(foreign)


def _firms(
    tables: Tables, leaf: pa.Table, loan: pa.Table, rule: RegionMoneyRule
) -> dict[str, Tally]:
    firms = leaf.filter(pc.equal(leaf["kind"], "firm"))
    found = {"firms": counted(firms)}
    if len(tables["loan"]):
        found["borrowers"] = counted(firms.filter(_among(firms["party_id"], loan["party_id"])))
    if len(tables["event"]):
        event, first = tables["event"], rule.as_of - timedelta(days=rule.default_days - 1)
        known = pc.fill_null(event["seen_at"], event["at"])
        chosen = pc.and_(pc.equal(event["kind"], "default"), pc.less_equal(known, rule.as_of))
        event = event.filter(pc.and_(chosen, pc.greater_equal(event["at"], first)))
        found["defaults"] = counted(firms.filter(_among(firms["party_id"], event["party_id"])))
    return found


def _lending(
    leaf: pa.Table, loan: pa.Table, foreign: pa.Table, rule: RegionMoneyRule
) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    if len(foreign):
        found["other_currency"] = counted(placed(foreign, leaf))
    if len(loan):
        lent = placed(loan, leaf)
        priced = lent.filter(pc.is_valid(lent["rate"]))
        sized = lent.filter(pc.is_valid(lent["annual_revenue"]))
        small = pc.less_equal(sized["annual_revenue"], int(rule.small))
        found |= {
            "loans": counted(lent),
            "lent": added(lent, "amount", "loan"),
            "priced": added(priced, "amount", "loan"),
            "interest": weighted(priced, "amount", "rate"),
            "sized": added(sized, "amount", "loan"),
            "micro": added(sized.filter(small), "amount", "loan"),
            "small_loans": counted(
                lent.filter(pc.less_equal(lent["amount"], int(rule.small_loan)))
            ),
            "defaulted": added(lent.filter(pc.equal(lent["status"], "default")), "amount", "loan"),
        }
    return found


def _risk(
    tables: Tables, leaf: pa.Table, loan: pa.Table, rule: RegionMoneyRule
) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    held = tables["provision"]
    held = held.filter(pc.equal(held["as_of"], rule.as_of))
    if len(held):
        held = placed(held.select(["party_id", "ead", "provision", "ecl_year"]), leaf)
        names = {"balance": "ead", "provision": "provision", "loss_year": "ecl_year"}
        found |= {n: added(held, column, "provision") for n, column in names.items()}
    if len(tables["idle"]):
        idle = tables["idle"].select(["loan_id", "amount"])
        idle = idle.join(loan.select(["loan_id", "party_id"]), "loan_id", join_type="inner")
        found["idle"] = added(placed(idle, leaf), "amount", "idle")
    return found


def _watched(tables: Tables, leaf: pa.Table, rule: RegionMoneyRule) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    if len(tables["alert"]):
        end = pa.scalar(datetime.combine(rule.as_of + timedelta(days=1), time(), CHINA))
        alert = tables["alert"].select(["party_id", "level", "opened_at", "closed_at"])
        closed = pc.fill_null(pc.less(alert["closed_at"], end), fill_value=False)
        alert = alert.filter(pc.and_not(pc.less(alert["opened_at"], end), closed))
        alert = placed(alert.select(["party_id", "level"]), leaf)
        for level in LEVELS:
            found[f"alerts_{level}"] = counted(alert.filter(pc.equal(alert["level"], level)))
    edge = tables["edge"]
    edge = edge.filter(pc.equal(edge["kind"], "guarantees"))
    if len(edge):
        over = pc.fill_null(pc.less(edge["valid_to"], rule.as_of), fill_value=False)
        edge = edge.filter(pc.and_not(pc.less_equal(edge["valid_from"], rule.as_of), over))
        for name, side in (("guarantees_given", "src"), ("guarantees_received", "dst")):
            ends = placed(edge.select([side, "weight"]), leaf, side)
            found[name] = added(ends, "weight", "edge")
    return found


def _lying(
    tables: Tables, leaf: pa.Table, loan: pa.Table, places: Places, rule: RegionMoneyRule
) -> dict[str, Tally]:
    """Tell what loan money stays in each region, goes out and comes in, by who holds it now."""
    held = tables["holding"]
    kinds = pc.is_in(held["kind"], value_set=pa.array(["held", "sink"]))
    held = held.filter(pc.and_(kinds, pc.equal(held["method"], rule.method)))
    if not len(held):
        return {}
    account = tables["bank_account"].select(["account_id", "party_id"])
    account = placed(account, leaf.select(["party_id", "place", "section", "kind"]))
    account = account.select(["account_id", "place"]).rename_columns(["at", "holder"])
    held = held.select(["loan_id", "place", "amount"]).rename_columns(["loan_id", "at", "amount"])
    held = held.join(loan.select(["loan_id", "party_id"]), "loan_id", join_type="inner")
    held = placed(held.join(account, "at"), leaf)
    sums = held.group_by(["place", "section", "holder"]).aggregate([("amount", "sum")])
    moved = [
        Moved((r["place"], r["section"]), r["holder"] or NOWHERE, r["amount_sum"])
        for r in sums.to_pylist()
    ]
    return places.crossing(moved)


def _among(column: pa.ChunkedArray, values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pc.unique(values))


def _rows(sums: dict[str, Tally]) -> Iterator[tuple[str, str, str, int, str]]:
    """Yield rows of the table: a region has all sums of a kind, or none where it has no firm.

    Where something is known of a region, a sum over nothing is nought: the table was there.
    """
    leaves_known: set[Leaf] = {leaf for tally in sums.values() for leaf in tally}
    for measure, tally in sums.items():
        if measure not in HELPERS:
            unit = "number" if measure in COUNTS else "fen"
            for region, section in leaves_known:
                yield region, section, measure, tally.get((region, section), 0), unit
    for measure, (over, under, scale) in RATIOS.items():
        if over in sums and under in sums:
            for (region, section), value in ratios(sums[over], sums[under], scale):
                yield region, section, measure, value, "ppm"
