"""Resources that are pages of the console, or tables under the names that users expect."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi import Query as Asks
from pydantic import BaseModel, Field

from liandong.console.filters import SECTIONS
from liandong.console.pages import alerts, ledger_account, loan, offer, powers, region, run
from liandong.console.pages.table import read
from liandong.console.query import LONGEST, Query, Where
from liandong.console.reading import Reader, Reading
from liandong.schema.tables import TABLES
from liandong.schema.tables.warnings import LEVELS
from liandong.service.v1.asked import MOST, USUAL
from liandong.service.v1.cursor import LONGEST as LONGEST_CURSOR
from liandong.service.v1.cursor import cursor, misfit, opened
from liandong.service.v1.once import direct
from liandong.service.v1.saying import Made, about, shown
from liandong.service.v1.tables import listed, listing, one

_DAY = Field(None, description="as known on this day", examples=["2024-06-30"])
_PAGE = Field(1, ge=1, le=10**6, description="number of the page, from 1")


class OnDay(BaseModel):
    """As known on a day."""

    on: date | None = _DAY


class OfTrace(BaseModel):
    """What of a loan is shown."""

    until: date | None = _DAY
    page: int = _PAGE


class OfBooks(BaseModel):
    """As of which days an account is seen."""

    event: date | None = Field(None, description="only what holds on this day or before")
    book: date | None = Field(None, description="only what was written by the end of this day")
    page: int = _PAGE


class OfAlerts(BaseModel):
    """Which alerts are shown."""

    level: Literal["", "red", "orange", "yellow"] = ""
    party: str = Field("", max_length=LONGEST)
    code: str = Field("", max_length=LONGEST)
    region: str = Field("", pattern=r"^(\d{6})?$")
    industry: str = Field("", pattern=rf"^([{SECTIONS}]\d{{0,4}})?$")
    on: date | None = _DAY
    limit: Annotated[int, Field(ge=1, le=MOST)] | Literal[""] | None = Field(
        "", description="subjects at most; 50 by default"
    )
    cursor: str = Field("", max_length=LONGEST_CURSOR, description="`next` of the page before")
    page: int = Field(
        1, ge=1, le=10**6, description="number of the page, from 1; a cursor goes on from a row"
    )


class OfPowers(BaseModel):
    """Which powers are shown."""

    action: str = Field("", max_length=LONGEST, description="who may do this")


def views(router: APIRouter, reader: Reader) -> None:
    """Add the resources that show what pages show."""

    @router.get("/offers/{project_id}", **about("offer", "match"))
    def offer_of(request: Request, _: Annotated[OnDay, Asks()]) -> Response:
        """Return what became of a project: offers, their cost, and why."""
        return shown(request, reader, offer.data)

    @router.get("/alerts", **about("alerts", "watch"))
    def alert_wall(request: Request, _: Annotated[OfAlerts, Asks()]) -> Response:
        """Return what is going on, subject by subject, the gravest first."""
        return shown(request, reader, _wall)

    @router.get("/loans/{loan_id}/trace", **about("trace", "trace"))
    def trace(request: Request, _: Annotated[OfTrace, Asks()]) -> Response:
        """Return where the money of a loan went."""
        return shown(request, reader, loan.data)

    @router.get("/regions/{adcode}", **about("region", "survey"))
    def region_of(request: Request, _: Annotated[OnDay, Asks()]) -> Response:
        """Return one region: its course, gaps, peers, money and firms."""
        return shown(request, reader, region.data)

    @router.get("/runs/{run_id}", **about("run", "govern"))
    def run_of(request: Request) -> Response:
        """Return one run: what it read, its rule, what it wrote, its acts."""
        return shown(request, reader, run.data)

    @router.get("/powers", **about("powers", "govern"))
    def power_list(request: Request, _: Annotated[OfPowers, Asks()]) -> Response:
        """Return who may do what, how far, and what waits for somebody."""
        return shown(request, reader, powers.data)

    @router.get("/ledger/accounts/{account_id}", **about("account", "settle"))
    def account(request: Request, _: Annotated[OfBooks, Asks()]) -> Response:
        """Return an account with its balance and entries, as of days of either kind."""
        return shown(request, reader, ledger_account.data)


def _wall(reading: Reading, query: Query) -> Made:
    """Return the alert wall with the cursor of what comes ``next``."""
    limit = query.whole("limit", USUAL, low=1, high=MOST)
    about = ("alerts", sorted((n, query.text(n)) for n in OfAlerts.model_fields if n not in _PAGED))
    word = query.text("cursor", most=LONGEST_CURSOR)
    after, skip = (_after(about, word), 0) if word else (Where(), (query.page - 1) * limit)
    found = alerts.wall(reading, query, after, limit + 1, skip)
    rows = found["rows"][:limit]
    more = len(found["rows"]) > limit
    last = [rows[-1][n] for n in _PLACE] if more else []
    return {**found, "rows": rows, "next": cursor(about, last) if more else None}


_PAGED = ("limit", "cursor", "page")
"""What says which part of the list is wanted."""
_PLACE = ("level", "last_at", "party_id")
"""What says where a subject stands on the wall."""


def _after(about: object, word: str) -> Where:
    level, at, party_id = map(str, opened(about, word, len(_PLACE)))
    last_at = read(TABLES["alert"].field("last_at"), at)
    if level not in LEVELS or not isinstance(last_at, datetime):
        raise misfit(word)
    return alerts.beyond(level, last_at, party_id)


def named(router: APIRouter, reader: Reader) -> None:
    """Add the resources that are tables, or rows of them, under their usual names."""
    for table, path, tag in (
        ("party", "/parties/{party_id}", "assess"),
        ("score", "/scores/{party_id}", "assess"),
        ("rule", "/rules/{rule_id}", "govern"),
    ):
        _row(router, reader, path, table, tag)
    for table, path, tag in (
        ("run", "/runs", "govern"),
        ("act", "/acts", "govern"),
        ("alert_case", "/cases", "watch"),
        ("entry", "/ledger/entries", "settle"),
    ):
        _list(router, reader, path, table, tag)


def _list(router: APIRouter, reader: Reader, path: str, table: str, tag: str) -> None:
    @direct
    async def rows(request: Request) -> Response:
        return await listed(request, reader, table)

    router.add_api_route(path, rows, methods=["GET"], **listing(f"{table}_list", tag))


def _row(router: APIRouter, reader: Reader, path: str, table: str, tag: str) -> None:
    @direct
    async def row(request: Request) -> Response:
        return await one(request, reader, table, request.path_params, newest=table == "score")

    router.add_api_route(path, row, methods=["GET"], **about(f"{table}_row", tag))
