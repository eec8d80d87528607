"""A board of two regions to be attacked, and programs that do it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import httpx
import pyarrow as pa
import pytest

from liandong.schema.arrow import build
from liandong.service.app import create_app
from liandong.store.logins import Tokens
from support.logins import Desk, desk_at

HTTP = httpx.Client(timeout=30)
DAY = date(2024, 6, 30)
AT = datetime(2024, 6, 30, tzinfo=UTC)
SECRET = "绝密实业"
"""Name of the firm that Eve, who sees Zhejiang, does not see."""


def rows_of_two_regions() -> dict[str, pa.Table]:
    ids = ["F33", "F31"]
    account = {"account_id": ["A33", "A31"], "party_id": ids, "bank_id": ["B", "B"],
               "kind": ["current"] * 2, "opening_balance": [0] * 2}  # fmt: skip
    loan = {"loan_id": ["L33", "L31"], "party_id": ids, "lender_id": ["B", "B"],
            "amount": [100, 100], "start": [DAY] * 2, "term_months": [12] * 2,
            "status": ["current"] * 2}  # fmt: skip
    score = {"party_id": ids, "as_of": [DAY] * 2, "rule_id": ["r"] * 2, "pd": [1000] * 2,
             "points": [600] * 2, "grade": ["A"] * 2,
             "reasons": [[{"code": "hand.made", "points": 7}]] * 2}  # fmt: skip
    alert = {"alert_id": ["AL33", "AL31"], "rule": ["r"] * 2, "code": ["late"] * 2,
             "party_id": ids, "state": ["open"] * 2, "level": ["red"] * 2, "opened_at": [AT] * 2,
             "seen_at": [AT] * 2, "last_at": [AT] * 2, "warnings": [1] * 2, "group_id": ids,
             "evidence": ["{}"] * 2, "reasons": [[{"code": "hand.made", "points": 7}]] * 2,
             }  # fmt: skip
    return {
        "party": build("party", {"party_id": [*ids, "B"], "kind": ["firm", "firm", "bank"],
                                 "name": ["普通实业", SECRET, "银行"],
                                 "region_id": ["330100", "310000", "110000"]}),
        "bank_account": build("bank_account", account), "loan": build("loan", loan),
        "score": build("score", score), "alert": build("alert", alert),
    }  # fmt: skip


@dataclass
class Program:
    """Somebody's program, which has a token."""

    url: str
    token: str

    def __call__(self, method: str, path: str, **more: object) -> httpx.Response:
        head = {"authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return HTTP.request(method, self.url + path, headers=head, **more)


def program(desk: Desk, person: str, *scope: str) -> Program:
    ends = datetime.now(UTC) + timedelta(days=1)
    return Program(desk.url, Tokens(desk.board.store, person).issue(person, "x", scope, ends))


def posts(desk: Desk) -> list[str]:
    """Return the addresses of all that can be done, with ``x`` for what is in them."""
    app = create_app(str(desk.board.store.folder))
    routers = [r.original_router for r in app.routes if hasattr(r, "original_router")]
    routes = [r for router in routers for r in router.routes if "POST" in r.methods]
    return [re.sub(r"\{verb.*?\}", "note", r.path) for r in routes]


def filled(path: str) -> str:
    more = {"/v1/uploads": "?name=a.csv", "/v1/loads": "?table=place&name=p.csv"}
    return re.sub(r"\{.*?\}", "x", path) + more.get(path, "")


@contextmanager
def nothing_done(desk: Desk) -> Iterator[None]:
    """Hold that meanwhile nothing changes on the board, and nobody's access does."""
    names = ("login_person", "login_token", "service_job", "case", "entry", "post")

    def state() -> list[object]:
        rows = [desk.board.store.books.rows(n) for n in (*names, "power", "head")]
        return [[{**r, "used_at": None} for r in table] for table in rows]

    before, last = state(), desk.board.store.state()
    yield
    new = [a for a in desk.board.store.books.rows("act") if a["seq"] > last]
    assert {a["action"] for a in new} <= {"power.denied", "run.start", "run.failed", "login"}
    assert state() == before


@pytest.fixture(scope="session")
def desk(tmp_path_factory) -> Iterator[Desk]:
    """A small board of two regions: Ann sees all of it, Eve one of them, and Mal nothing."""
    with desk_at(tmp_path_factory.mktemp("security")) as found:
        for name in ("ann", "eve", "mal"):
            found.add(name)
        found.board.put("hand", rows_of_two_regions())
        entry = {"action": "board.read", "basis": "x"}
        found.board.powers.add([
            {**entry, "power_id": "R1", "holder": "ann"},
            {**entry, "power_id": "R2", "holder": "eve", "scope": {"region": ["330000"]}},
            {**entry, "power_id": "R3", "holder": "keeper"},
            *({"power_id": f"K{n}", "holder": "keeper", "action": a, "basis": "x"}
              for n, a in enumerate(KEPT)),
        ])  # fmt: skip
        yield found
    HTTP.close()


KEPT = (
    "people.change", "powers.change", "survey.gap", "load.region", "load.party", "load.world",
    "file.upload", "job.cancel", "ledger.post", "personal.read", "case.open",
)  # fmt: skip
"""What nobody but the keeper may do."""
