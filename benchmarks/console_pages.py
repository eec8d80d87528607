"""Every page of the console over one board: the time at the server, and the bytes of a first view.

A page is asked for at many addresses, each once, so that no answer comes from memory. Before its
first address something is written to the board: what that costs is told apart.
"""

import gzip
import json
import random
import re
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import quote, urlencode

from liandong.board import Board
from liandong.console.pages import PAGES, Page
from liandong.schema.tables import table
from liandong.store.query import Session
from measure import figures

LINKED = re.compile(rb'(?:src|href)="(/static/[^"#]+\.(?:js|css))"')
"""What a page loads with itself."""
MOST, ROWS = 500, 20
"""Things of a kind, and rows of a table, that addresses are drawn from."""
IDS: dict[str, tuple[str, str]] = {
    "firm": ("/firm/{}", "SELECT party_id FROM score"),
    "letter": ("/firm/{}/letter", "SELECT party_id FROM score"),
    "report": ("/firm/{}/report", "SELECT party_id FROM score"),
    "model": ("/model/{}", "SELECT DISTINCT rule_id FROM score"),
    "offer": ("/offer?project_id={}", "SELECT DISTINCT project_id FROM offer"),
    "agreement": ("/agreement/{}", "SELECT DISTINCT agreement FROM agreement_version"),
    "ledger_account": ("/ledger/{}", "SELECT account_id FROM account"),
    "statement": ("/statements/{}", "SELECT DISTINCT owner_id FROM statement"),
    "case": ("/cases/{}", "SELECT case_id FROM alert_case"),
    "ruling": ("/rule/{}", "SELECT DISTINCT rule FROM alert"),
    "loan": ("/trace/{}", "SELECT DISTINCT loan_id FROM reconciliation"),
    "voucher": ("/voucher/{}", "SELECT DISTINCT voucher_id FROM voucher_lot"),
    "data_asset": ("/data-asset/{}", "SELECT asset_id FROM data_asset"),
    "owners": ("/owners/{}", "SELECT DISTINCT party_id FROM ownership"),
    "region": ("/region/{}", "SELECT region_id FROM region"),
    "run": ("/run/{}", "SELECT run_id FROM run WHERE status = 'done'"),
}
"""Pages of one thing: their address, and of what there are some on a board."""
ASKED: dict[str, dict[str, tuple[str, ...]]] = {
    "home": {"measure": ("gdp_per_head", "lent", "alerts", "firms")},
    "firms": {"sort": ("id", "grade", "risk", "revenue", "offer", "alerts"), "q": ("江", "F0001")},
    "innovators": {"sort": ("points", "worth", "expected")},
    "portfolio": {"by": ("size", "region", "industry"), "stage": ("1", "2", "3")},
    "desk": {"by": ("grade", "size", "region")},
    "data_assets": {"sort": ("lending", "pledged", "cover")},
    "offers": {"state": ("offered", "refused"), "sort": ("amount", "rate", "value"), "q": ("R00",)},
    "ledger": {"unit": ("CNY",), "q": ("loans", "F0001")},
    "statements": {"q": ("F0001", "F0002")},
    "alerts": {"state": ("open", "closed"), "level": ("red", "orange", "yellow")},
    "cases": {"state": ("open", "closed"), "level": ("red", "orange")},
    "loans": {"sort": ("amount", "sink", "start")},
    "circles": {"sort": ("amount", "fast", "legs")},
    "vouchers": {"sort": ("amount", "held", "due", "lots")},
    "compare": {"regions": ("330000,310000", "440000,320000,330000")},
    "runs": {"status": ("done", "failed"), "table": ("invoice", "score")},
    "table": {"down": ("0", "1")},
}
"""What pages can be asked for, beside what the filter bar asks for."""
FILTERS = {
    "region": ("310000", "320000", "330000", "440000", "510000", "belt:west", "320500"),
    "industry": ("C", "F", "G", "C26"),
}
TABLES = ("party", "invoice", "flow", "signal", "score", "alert", "entry", "act")
"""Tables that are looked at row by row."""


COUNTED = {
    "/firms": "SELECT count(*) AS n FROM party WHERE kind = 'firm'",
    "/table/flow": "SELECT count(*) AS n FROM flow",
    "/cases": "SELECT count(*) AS n FROM alert_case WHERE state <> 'closed'",
    "/offers": "SELECT count(*) AS n FROM offer WHERE as_of = (SELECT max(as_of) FROM offer)",
}
"""Pages that tell how many there are in all, and what counts them."""


Known = list[tuple[Page, list[str]]]
"""Pages, and the addresses that each has."""


class Asked(NamedTuple):
    """What one page cost: milliseconds after a change, then of each address; bytes at most."""

    first: float
    spent: list[float]
    size: int


def pages(
    board: Board, client: HTTPConnection, known: Known, times: int
) -> Iterator[tuple[str, Asked]]:
    """Ask for every page of a board that is served; each at ``times`` addresses of its own."""
    linked: dict[str, int] = {}
    rng = random.Random(7)  # noqa: S311 - not a secret
    case = board.sql("SELECT min(case_id) AS id FROM alert_case")["id"][0].as_py()
    for page, there in known:
        board.cases.note(case, page.name)  # the board is another one than before
        first, body = asked(client, _address(page, rng.choice(there), None))
        found = [asked(client, _address(page, rng.choice(there), rng)) for _ in range(times)]
        size = max(len(b) for b in (body, *(b for _, b in found)))
        size += sum(_linked(client, a, linked) for a in _links(body))
        yield page.name, Asked(first, [ms for ms, _ in found], size)


def things(board: Board) -> Known:
    """Return the pages that have something to show, with the addresses that each has."""
    with Session(board.store) as session:
        found = [(page, _things(session, page)) for page in PAGES]
    return [(page, there) for page, there in found if there]


def addresses(known: Known, times: int = 20) -> list[list[str]]:
    """Return addresses of every page that has something to show, page by page."""
    rng = random.Random(5)  # noqa: S311 - not a secret
    return [[_address(p, rng.choice(t), rng) for _ in range(times)] for p, t in known]


def totals(board: Board, client: HTTPConnection) -> dict[str, object]:
    """Hold what some pages count against SQL over the board; return how many agree."""
    for page, count in COUNTED.items():
        told = json.loads(gzip.decompress(asked(client, f"{page}?format=json")[1]))["total"]
        (held,) = board.sql(count).to_pylist()
        if told != held["n"]:
            raise RuntimeError(f"{page} counts {told}, the board {held['n']}")
    return figures("page", {"totals_checked": len(COUNTED)})


def _links(body: bytes) -> set[str]:
    """Return the style sheets and scripts of a page, but for the chart library."""
    return {m.decode() for m in LINKED.findall(gzip.decompress(body)) if b"echarts" not in m}


def _linked(client: HTTPConnection, address: str, known: dict[str, int]) -> int:
    """Return the bytes of what pages load with themselves; it is the same file on all of them."""
    if address not in known:
        known[address] = len(asked(client, address)[1])
    return known[address]


def _things(session: Session, page: Page) -> list[str]:
    """Return the addresses that a page has, without what may be asked for."""
    if page.name == "table":
        return [f"/table/{t}" for t in TABLES]
    if page.name == "row":
        return [a for t in TABLES for a in _rows(session, t)]
    if page.name == "start_file":  # of a file that somebody has just handed in
        return []
    if page.name not in IDS:
        return [page.path]
    path, ids = IDS[page.name]
    drawn = session.ask(f"SELECT id FROM ({ids}) t(id) ORDER BY hash(id) LIMIT {MOST}")
    return [path.format(quote(str(i), safe="")) for i in drawn["id"].to_pylist()]


def _rows(session: Session, name: str) -> list[str]:
    key = table(name).key
    drawn = session.ask(f'SELECT {", ".join(key)} FROM "{name}" USING SAMPLE {ROWS} (reservoir, 7)')
    return [f"/table/{name}/row?{urlencode(r)}" for r in drawn.to_pylist()]


def _address(page: Page, path: str, rng: random.Random | None) -> str:
    """Return an address of a page with some of what can be asked of it; plain without ``rng``."""
    if rng is None:
        return path
    filters = {n: FILTERS[n] for n in page.filters if n in FILTERS}
    can = {**filters, "page": ("1", "2", "3"), **ASKED.get(page.name, {})}
    wanted = {n: rng.choice(values) for n, values in can.items() if rng.random() < 0.5}
    return f"{path}{'&' if '?' in path else '?'}{urlencode(wanted)}"


def asked(client: HTTPConnection, address: str) -> tuple[float, bytes]:
    """Ask for a page; return the milliseconds it took, and its bytes as they went over the wire."""
    client.close()  # a connection that was idle for long is closed at the other end
    client.connect()
    start = time.perf_counter()
    client.request("GET", address, headers={"Accept-Encoding": "gzip"})
    answer = client.getresponse()
    body = answer.read()
    spent = 1000 * (time.perf_counter() - start)
    if answer.status != 200:
        raise RuntimeError(f"{address} answered {answer.status}")
    return spent, body
