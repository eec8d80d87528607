"""The most that can be lent on a data asset that a project offers, or why nothing can."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from liandong.match.data.pledge import Register, live
from liandong.schema.field import MONEY_MOST
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.types import PPM, YUAN, Money, Rate

Row = dict[str, Any]
Reason = tuple[str, int]
MONTH_DAYS = 31
"""Days of a month of the term, at most: so a right is never found to last when it does not."""


class DataLimitRule(Rule):
    """How much is lent on data assets.

    Attributes
    ----------
    as_of
        The day; assets need a value of this day.
    advance_rate
        Share of the lending value that is lent; the rest is the haircut.
    margin_days
        The right must last this long beyond the term of the project.
    junior
        Whether an asset that is pledged already may be pledged again, behind those pledges.
    least
        Least that is lent on an asset.
    """

    as_of: date
    advance_rate: Rate = Field(default=Rate(400_000), gt=0, le=1_000_000)
    margin_days: int = Field(default=180, ge=0, le=3_650)
    junior: bool = False
    least: Money = Field(default=Money(10_000_000), ge=1, le=MONEY_MOST)


class _Known:
    """What there is on the day: projects, assets, values, pledges."""

    def __init__(self, tables: Tables, rule: DataLimitRule) -> None:
        self.rule = rule
        self.project = {p["project_id"]: p for p in tables["project"].to_pylist()}
        asset = tables["data_asset"].sort_by(
            [("valid_from", "ascending"), ("asset_id", "ascending")]
        )
        self.asset = {a["asset_id"]: a for a in asset.to_pylist()}
        self.first: dict[str, str] = {}
        for a in self.asset.values():
            self.first.setdefault(a["fingerprint"], a["asset_id"])
        value = tables["data_value"]
        today = pc.and_(pc.equal(value["method"], "lending"),
                        pc.equal(value["as_of"], pa.scalar(rule.as_of)))  # fmt: skip
        self.worth = dict(zip(*(value.filter(today)[n].to_pylist() for n in ("asset_id", "value")),
                              strict=True))  # fmt: skip
        held = live(tables["data_pledge"], tables["loan"], rule.as_of)
        self.held = Register(held.to_pylist())
        self.offered: dict[str, str] = {}
        self.need = {p: r["need"] for p, r in self.project.items()}

    def pledges(self, asset: Row, project_id: str) -> tuple[list[Row], list[Row]]:
        """Return the pledges of an asset, and of the same content under another id.

        Those of the very project do not count.
        """
        others = [p for p in self.held.on(asset) if p["project_id"] != project_id]
        mine = [p for p in others if p["asset_id"] == asset["asset_id"]]
        return mine, [p for p in others if p["asset_id"] != asset["asset_id"]]

    def missing(self, asset: Row, project: Row) -> int:
        """Return by how many days the right ends before the term and the margin are over."""
        if asset["valid_to"] is None:
            return 0
        days = MONTH_DAYS * project["term_months"] + self.rule.margin_days
        short: int = (self.rule.as_of + timedelta(days) - asset["valid_to"]).days
        return max(short, 0)


@fold(
    reads=("data_collateral", "project", "data_asset", "data_value", "data_pledge", "loan"),
    writes=("data_limit",),
    rule=DataLimitRule,
    part=("as_of",),
    needs={"data_collateral": "load", "data_value": "match.data_value"},
)
def data_limit(tables: Tables, rule: DataLimitRule) -> Tables:
    """Say how much can be lent on each data asset that a project offers as collateral.

    The limit is the lending value less the haircut, what earlier pledges secure and what the
    project does not need; these reasons add up to it. It is 0, with each reason, if the applicant
    is not the holder, has no right to operate the data, or the right ends too early; if personal
    data are in it without proof of consent or anonymisation; if the asset, or the same content
    under another id, is pledged, registered before or offered before; without a lending value; or
    if too little would be lent. Of several projects that offer one asset, the first has it.
    """
    known = _Known(tables, rule)
    wishes = [w for w in tables["data_collateral"].to_pylist() if w["project_id"] in known.project]
    wishes.sort(key=lambda w: (known.project[w["project_id"]]["asked_on"] or rule.as_of,
                               w["project_id"], w["asset_id"]))  # fmt: skip
    found = [{**w, **_limit(w, known)} for w in wishes]
    columns = {
        n: [r[n] for r in found] for n in ("project_id", "asset_id", "worth", "taken", "most")
    }
    return output(
        "data_limit",
        **columns,
        as_of=[rule.as_of] * len(found),
        reasons=reason_list([r["reasons"] for r in found]),
    )


def _limit(wish: Row, known: _Known) -> Row:
    """Return ``worth``, ``taken``, ``most`` and ``reasons`` of one asset offered by a project."""
    project, rule = known.project[wish["project_id"]], known.rule
    asset = known.asset.get(wish["asset_id"])
    if asset is None:
        return {"worth": None, "taken": 0, "most": 0, "reasons": [("match.data_unknown", 0)]}
    mine, same = known.pledges(asset, project["project_id"])
    taken = sum(p["secured"] for p in mine)
    worth = known.worth.get(asset["asset_id"])
    against = list(_against(asset, project, known))
    against += [] if rule.junior else [(f"match.data_pledged({p['lender_id']})", p["secured"])
                                       for p in mine]  # fmt: skip
    against += [(f"match.data_same_content({p['asset_id']})", p["secured"]) for p in same]
    if worth is None:
        against.append(("match.data_no_value", 0))
    if against:
        return {"worth": worth, "taken": taken, "most": 0, "reasons": against}
    known.offered.setdefault(asset["fingerprint"], project["project_id"])
    lent = (worth or 0) * rule.advance_rate // PPM
    left = max(lent - taken, 0)
    most = min(left, known.need[project["project_id"]])
    if most < rule.least:
        small = [("match.data_small", int(rule.least) // YUAN)]
        return {"worth": worth, "taken": taken, "most": 0, "reasons": small}
    known.need[project["project_id"]] -= most
    parts = [
        ("match.data_part_worth", worth),
        ("match.data_part_haircut", lent - (worth or 0)),
        ("match.data_part_taken", left - lent),
        ("match.data_part_unneeded", most - left),
    ]
    reasons = [(code, points) for code, points in parts if points]
    return {"worth": worth, "taken": taken, "most": most, "reasons": reasons}


def _against(asset: Row, project: Row, known: _Known) -> Iterator[Reason]:
    """Yield what speaks against an asset whoever else has a claim on it."""
    first, before = known.first[asset["fingerprint"]], known.offered.get(asset["fingerprint"])
    if asset["party_id"] != project["party_id"]:
        yield f"match.data_not_holder({asset['party_id']})", 0
    if not asset["operates"]:
        yield "match.data_no_right", 0
    if asset["valid_to"] is not None and asset["valid_to"] < known.rule.as_of:
        yield "match.data_lapsed", (known.rule.as_of - asset["valid_to"]).days
    elif missing := known.missing(asset, project):
        yield "match.data_ends_early", missing
    if asset["personal"] == "unproved":
        yield "match.data_personal", 0
    if first != asset["asset_id"]:
        yield f"match.data_registered_before({first})", 0
    if before is not None:
        yield f"match.data_offered_before({before})", 0
