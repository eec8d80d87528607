"""Four working days along the pages: where each goes, and what it should see there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from liandong.console.formats import money, number, yuan


@dataclass(frozen=True)
class Stop:
    """One page of a day.

    Attributes
    ----------
    name
        Of its picture.
    path
        Address, with names from ``WHO`` in braces, and the part of the page to look at.
    claims
        Returns what the page says, from its data twin.
    phone
        Whether it is looked at on a telephone, too.
    """

    name: str
    path: str
    claims: Callable[[dict[str, Any]], str] = field(repr=False)
    phone: bool = False


WHO = {
    "warned": "SELECT party_id FROM alert WHERE level = 'red' AND state = 'open'"
    " AND starts_with(party_id, 'F0') GROUP BY 1 ORDER BY count(*) DESC, 1",
    "project": "SELECT project_id FROM offer WHERE amount > 0 AND starts_with(project_id, 'R')"
    " ORDER BY amount DESC, 1",
    "refused": "SELECT party_id FROM offer JOIN score USING (party_id, as_of)"
    " WHERE amount = 0 AND starts_with(project_id, 'R') ORDER BY score.grade DESC, project_id",
    "loan": "SELECT loan_id FROM reconciliation WHERE method = 'fifo'"
    " ORDER BY repaid_other DESC, 1",
    "run": "SELECT run_id FROM run WHERE step = 'match.allocate' ORDER BY started_at DESC",
}  # fmt: skip
"""Queries whose first value is whom a day is about; the demonstration's are named in the days."""

DAYS: dict[str, tuple[Stop, ...]] = {
    "underwriter": (
        Stop("home", "/", lambda t: number(t["assess"]["firms"])),
        Stop("alerts", "/alerts?level=red", lambda t: number(t["levels"]["red"]), phone=True),
        Stop("firm", "/firm/{warned}", lambda t: number(t["score"]["points"])),
        Stop("offer", "/offer?project_id={project}", lambda t: money(t["granted"], "en")),
        Stop("letter", "/firm/{refused}/letter", lambda t: t["score"]["grade"]),
    ),
    "fund-manager": (
        Stop("desk", "/desk", lambda t: money(t["allocation"]["used"], "en"), phone=True),
        Stop("scenario", "/desk?scenario=budget_plus_5#gainers", lambda t: number(t["total"])),
        Stop("portfolio", "/portfolio", lambda t: number(t["total"]["loans"])),
        Stop("vouchers", "/vouchers", lambda t: number(t["totals"]["vouchers"])),
        Stop("agreement", "/agreement/park", lambda t: t["versions"][0]["checker"]),
    ),
    "auditor": (
        Stop("acts", "/acts", lambda t: number(t["acts"])),
        Stop("loan", "/trace/{loan}", lambda t: yuan(t["traced"]["disbursed"]), phone=True),
        Stop("circles", "/circles", lambda t: number(t["totals"]["n"])),
        Stop("accountability", "/accountability", lambda t: t["holders"][0]["holder"]),
        Stop("flags", "/flags", lambda t: number(t["kinds"][0]["items"])),
        Stop("run", "/run/{run}", lambda t: t["run"]["rule_id"]),
    ),
    "planner": (
        Stop("regions", "/regions", lambda t: number(t["headline"]["total"], digits=4)),
        Stop("region", "/region/340000", lambda t: t["region"]["name_en"], phone=True),
        Stop("compare", "/compare?regions=340000,310000", lambda t: t["regions"][1]["name_en"]),
        Stop("market", "/market", lambda t: t["period"]),
        Stop("chain", "/chain", lambda t: t["chokepoints"][0]["name_en"]),
        Stop("factors", "/factors", lambda t: yuan(t["clearing"]["price"])),
    ),
}  # fmt: skip
