"""The addresses of a filled board: one of every page."""

import re
from functools import cache
from urllib.parse import quote, urlencode

from liandong.console.pages import PAGES
from support.boards import HOSTILE_ID, LOAN, OWNED, PARTNER, case_of
from support.site import Site

FIRM = f"/firm/{quote(HOSTILE_ID, safe='')}"
FIXED = (
    "/", "/?measure=lent", "/firms", "/firms?sort=risk", "/firm/F000012", FIRM, f"/firm/{PARTNER}",
    "/portfolio", "/portfolio?by=size&stage=3",
    "/firm/F000012/letter", "/firm/F000012/report", f"{FIRM}/letter",
    "/models",
    "/desk", "/desk?scenario=micro_plus_5&by=grade", "/desk?budget=110",
    "/offers", "/offers?state=refused", "/offer?project_id=R000001",
    "/data-assets", "/data-assets?sort=cover", "/data-asset/D00001",
    "/factors", "/factors?region=330000", "/experiments",
    "/books", "/agreements", "/agreement/park", "/agreement/park?text=x", "/agreement/new?new=1",
    "/ledger", "/ledger?unit=tce&event=2024-06-30", "/ledger/deposits:HB:CNY",
    "/statements", "/statements/340000",
    "/alerts", "/alerts?level=red", "/alerts?state=closed&on=2024-06-30", "/trace",
    "/cases", "/cases?whose=late&state=closed", "/cases?queue=usual",
    "/backtests", "/backtests?study=small&point=2",
    "/rules/watch", "/rules/watch?code=low&when=last_30d+%3C+4000000",
    "/rules/watch?code=x&when=a+%3E",
    f"/trace/{LOAN}", f"/trace/{LOAN}?account=A1",
    f"/trace/{LOAN}?by=day&until=2024-03-05&place=A4", "/circles", "/regions", "/region/330000",
    "/reach", "/reach?network=rail&within=180",
    "/chain", "/chain?firm=F000012", "/chain?region=330000&industry=C",
    "/market", "/market?kind=people", "/coordination", "/water",
    "/agreement/credit", "/agreement/river",
    "/region/100000", "/map", "/map?measure=region_money.lent", "/compare",
    "/compare?regions=330000,310000,810000",
    f"/owners/{OWNED}", "/owners/F000012",
    "/vouchers", "/voucher/E000001",
    "/innovation", "/innovation?sort=worth", "/acts", "/powers", "/powers?action=fund.pay",
    "/inbox", "/account", "/purpose", "/flags", "/flags?code=round",
    "/statistics", "/statistics?figure=sanctioned&kind=gifts&way=sanctioned.handled",
    "/statistics?source=own&region=330000", "/accountability", "/accountability?kind=office",
    "/sharing", "/sharing?release=lent",
    "/runs", "/runs?table=invoice", "/jobs", "/jobs?step=match.allocate", "/start", "/tables",
    "/table/invoice", "/table/party?sort=name&down=1",
    "/table/truth", "/table/alert/row?alert_id=HAL",
    "/table/alert_version/row?alert_id=HAL&known_from=2024-06-30%2000:00:00%2B00:00",
)  # fmt: skip
"""Pages whose address is known beforehand."""
ADDRESS = {p.name: next((a for a in FIXED if re.fullmatch(
    re.sub(r"\{\w+\}", "[^/]+", p.path), a.split("?")[0])), None) for p in PAGES}  # fmt: skip
"""The first of them of each page, by its name; None where the board has to be asked."""

BARE = ("/v1",)
"""Pages that show nothing of the board, and have no data twin."""


def score_row(site: Site) -> str:
    """Return the address that explains a score."""
    row = site.sql("SELECT party_id, as_of, rule_id FROM score WHERE party_id = 'F000012'")[0]
    return f"/table/score/row?{urlencode({k: str(v) for k, v in row.items()})}"


def rule_pages(site: Site) -> list[str]:
    """Return the addresses of the rules that alerts name, and of those of a watch."""
    found = site.sql("SELECT DISTINCT rule FROM alert UNION SELECT rule FROM watch_version")
    return [f"/rule/{r['rule']}" for r in found]


@cache
def texts(site: Site, lang: str = "en") -> dict[str, str]:
    """Return what every page says in a language, asked for once."""
    return {path: site.get(path, lang=lang).text for path in every_page(site)}


def every_page(site: Site) -> list[str]:
    """Return addresses of all pages, with runs and rows as they are on this board."""
    runs = [f"/run/{r.run_id}" for r in site.board.runs()]
    return [*FIXED, score_row(site), *rule_pages(site), f"/cases/{case_of(site.board)}", *runs]
