"""Resources that are pages of the console, or tables under the names that users expect."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi import Query as Asks
from pydantic import BaseModel, Field

from liandong.console.filters import SECTIONS
from liandong.console.pages import alerts, ledger_account, loan, offer, powers, region, run
from liandong.console.query import LONGEST
from liandong.console.reading import Reader
from liandong.service.v1.once import direct
from liandong.service.v1.saying import about, shown
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
    page: int = _PAGE


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
        return shown(request, reader, alerts.data)

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
