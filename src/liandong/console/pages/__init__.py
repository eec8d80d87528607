"""The pages of the console: each answers ``data(reading, query)``, which is also its data twin."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from liandong.console import filters
from liandong.console.pages import (
    account,
    accountability,
    acts,
    agreement,
    agreements,
    alerts,
    backtests,
    books,
    case,
    cases,
    chain,
    circles,
    compare,
    coordination,
    data_asset,
    data_assets,
    desk,
    experiments,
    factors,
    firm,
    firms,
    flags,
    home,
    inbox,
    innovators,
    jobs,
    ledger,
    ledger_account,
    letter,
    loan,
    loans,
    mapped,
    market,
    model,
    models,
    offer,
    offers,
    owners,
    portfolio,
    powers,
    purpose,
    reach,
    region,
    regions,
    report,
    row,
    rules,
    ruling,
    run,
    runs,
    sharing,
    start,
    start_file,
    statement,
    statements,
    statistics,
    structure,
    table,
    tables,
    voucher,
    vouchers,
    water,
)
from liandong.console.query import Query
from liandong.console.reading import Reading

STATIONS = {
    "assess": "/firms",
    "match": "/desk",
    "settle": "/books",
    "watch": "/alerts",
    "trace": "/trace",
    "survey": "/regions",
    "govern": "/acts",
}
"""The loop: each verb and the room where it is seen."""


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes
    ----------
    name
        Template and texts.
    path
        Address, with the names of its parts in braces.
    data
        What it shows.
    station
        Verb of the loop that it belongs to; empty for the home page.
    filters
        Which parts of the filter bar it obeys.
    blocks
        Lists of its data that may be had as files of their own.
    live
        Whether it shows what changes without an act, so that nobody may keep it.
    """

    name: str
    path: str
    data: Callable[[Reading, Query], dict[str, Any]]
    station: str = ""
    filters: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    live: bool = False


_ALL = filters.NAMES
PAGES = (
    Page("home", "/", home.data, "", _ALL, ("alerts", "refused", "map")),
    Page("firms", "/firms", firms.data, "assess", ("region", "on", "industry"), ("rows", "grades")),
    Page("firm", "/firm/{party_id}", firm.data, "assess", ("on",), firm.BLOCKS),
    Page("letter", "/firm/{party_id}/letter", letter.data, "assess", (), ("principal", "steps")),
    Page(
        "report",
        "/firm/{party_id}/report",
        report.data,
        "assess",
        (),
        ("principal", "months", "alerts", "loans"),
    ),
    Page(
        "innovators",
        "/innovation",
        innovators.data,
        "assess",
        ("region", "on", "industry"),
        ("rows", "figures", "silent", "map"),
    ),
    Page("models", "/models", models.data, "assess", (), ("rows",)),
    Page("model", "/model/{rule_id}", model.data, "assess", (), model.BLOCKS),
    Page(
        "portfolio",
        "/portfolio",
        portfolio.data,
        "assess",
        ("region", "on", "industry"),
        ("rows", "stages", "grades", "concentration", "curves"),
    ),
    Page("desk", "/desk", desk.data, "match", ("region", "on", "industry"), desk.BLOCKS),
    Page("offers", "/offers", offers.data, "match", _ALL, ("rows", "grades", "refusals", "cases")),
    Page("offer", "/offer", offer.data, "match", (), ("offers", "tried", "alternatives")),
    Page(
        "data_assets",
        "/data-assets",
        data_assets.data,
        "match",
        ("region", "on", "industry"),
        ("rows", "calls", "limits", "doubles"),
    ),
    Page("data_asset", "/data-asset/{asset_id}", data_asset.data, "match", (), data_asset.BLOCKS),
    Page("experiments", "/experiments", experiments.data, "match", ("on",), experiments.BLOCKS),
    Page("factors", "/factors", factors.data, "match", ("region",), factors.BLOCKS),
    Page("books", "/books", books.data, "settle", _ALL, ("rows", "balances")),
    Page("agreements", "/agreements", agreements.data, "settle", (), ("rows",)),
    Page("agreement", "/agreement/{agreement}", agreement.data, "settle", (), agreement.BLOCKS),
    Page("ledger", "/ledger", ledger.data, "settle", ("region",), ledger.BLOCKS),
    Page(
        "ledger_account",
        "/ledger/{account_id}",
        ledger_account.data,
        "settle",
        (),
        ledger_account.BLOCKS,
    ),
    Page("statements", "/statements", statements.data, "settle", ("region",), statements.BLOCKS),
    Page("statement", "/statements/{owner_id}", statement.data, "settle", (), statement.BLOCKS),
    Page(
        "alerts", "/alerts", alerts.data, "watch", ("region", "on", "industry"), ("rows", "codes")
    ),
    Page("cases", "/cases", cases.data, "watch", ("region", "industry"), ("rows", "precision")),
    Page("case", "/cases/{case_id}", case.data, "watch", (), case.BLOCKS),
    Page("backtests", "/backtests", backtests.data, "watch", (), ("points", "sets")),
    Page("rules", "/rules/watch", rules.data, "watch", (), ("cards", "versions", "points")),
    Page("ruling", "/rule/{rule_id}", ruling.data, "watch", (), ("told", "precision", "hindsight")),
    Page("loans", "/trace", loans.data, "trace", _ALL, ("rows", "sums")),
    Page("circles", "/circles", circles.data, "trace", ("region", "industry"), circles.BLOCKS),
    Page("loan", "/trace/{loan_id}", loan.data, "trace", (), loan.BLOCKS),
    Page(
        "vouchers",
        "/vouchers",
        vouchers.data,
        "trace",
        ("region", "industry"),
        ("rows", "doubles", "rings", "faults"),
    ),
    Page("voucher", "/voucher/{voucher_id}", voucher.data, "trace", (), voucher.BLOCKS),
    Page(
        "owners",
        "/owners/{party_id}",
        owners.data,
        "trace",
        ("on",),
        ("holders", "beneficial", "ties", "chains", "holdings"),
    ),
    Page(
        "regions",
        "/regions",
        regions.data,
        "survey",
        ("on", "industry", "product"),
        regions.BLOCKS,
    ),
    Page("chain", "/chain", chain.data, "survey", ("region", "on", "industry"), chain.BLOCKS),
    Page(
        "region",
        "/region/{adcode}",
        region.data,
        "survey",
        ("on", "industry", "product"),
        region.BLOCKS,
    ),
    Page("map", "/map", mapped.data, "survey", (), mapped.BLOCKS),
    Page("compare", "/compare", compare.data, "survey", (), compare.BLOCKS),
    Page("reach", "/reach", reach.data, "survey", (), reach.BLOCKS),
    Page("structure", "/structure", structure.data, "survey", ("region",), structure.BLOCKS),
    Page("market", "/market", market.data, "survey", (), market.BLOCKS),
    Page("coordination", "/coordination", coordination.data, "survey", (), coordination.BLOCKS),
    Page("water", "/water", water.data, "survey", (), water.BLOCKS),
    Page("acts", "/acts", acts.data, "govern", (), ("rows", "cases")),
    Page("powers", "/powers", powers.data, "govern", (), ("rows",)),
    Page(
        "inbox", "/inbox", inbox.data, "govern", (), ("waits", "own", "opened", "others", "appeals")
    ),
    Page("purpose", "/purpose", purpose.data, "govern", (), ("purposes",)),
    Page("account", "/account", account.data, "", (), ("logins", "tokens")),
    Page("flags", "/flags", flags.data, "govern", ("region", "industry"), ("kinds", "rows")),
    Page("statistics", "/statistics", statistics.data, "govern", ("region",), statistics.BLOCKS),
    Page(
        "accountability",
        "/accountability",
        accountability.data,
        "govern",
        (),
        accountability.BLOCKS,
    ),
    Page("sharing", "/sharing", sharing.data, "govern", (), sharing.BLOCKS),
    Page("runs", "/runs", runs.data, "govern", (), ("rows",)),
    Page("run", "/run/{run_id}", run.data, "govern", (), ("inputs", "outputs", "acts")),
    Page("jobs", "/jobs", jobs.data, "govern", (), jobs.BLOCKS, live=True),
    Page("start", "/start", start.data, "govern", (), ("importable",), live=True),
    Page("start_file", "/start/file", start_file.data, "govern", (), start_file.BLOCKS, live=True),
    Page("tables", "/tables", tables.data, "govern", (), ("rows",)),
    Page("table", "/table/{name}", table.data, "govern", (), ("rows",)),
    Page("row", "/table/{name}/row", row.data, "govern", (), ("reasons",)),
)
_ASKED = ("offer", "start_file")
"""Pages that need to be told of what: the paper of a project, the mapping of a file."""
ROOMS = {
    verb: [p for p in PAGES if p.station == verb and "{" not in p.path and p.name not in _ASKED]
    for verb in STATIONS
}
"""The rooms of each verb that have one address."""
