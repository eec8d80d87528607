"""The ledger: entries are posted in order, each with a result of its own."""

from datetime import date
from typing import Literal

import pyarrow as pa
from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BaseModel, Field, StrictBool, StrictInt

from liandong.console.query import LONGEST
from liandong.console.reading import Reader
from liandong.schema.field import MONEY_MOST
from liandong.service.v1.once import repeatable
from liandong.service.v1.saying import about, done, whole

MOST = 10_000
"""Entries of one request."""


class Entry(BaseModel, extra="forbid"):
    """One entry; the id makes it idempotent."""

    entry_id: str = Field(min_length=1, max_length=LONGEST)
    debit: str = Field(min_length=1, max_length=LONGEST, description="account")
    credit: str = Field(min_length=1, max_length=LONGEST, description="account")
    amount: StrictInt = Field(ge=1, le=MONEY_MOST, description="in minor units of the account: fen")
    unit: str = Field("CNY", min_length=1, max_length=LONGEST)
    phase: Literal["posted", "pending", "post", "void"] = "posted"
    event_time: date
    agreement: str | None = Field(None, max_length=LONGEST)
    ref: str | None = Field(None, max_length=LONGEST)
    until: AwareDatetime | None = None
    linked: StrictBool = Field(default=False, description="posted with the next one, or neither")


class Entries(BaseModel, extra="forbid"):
    """Entries in the order in which they are posted."""

    entries: list[Entry] = Field(min_length=1, max_length=MOST)


class Posted(BaseModel):
    """What became of an entry; only `ok` has written anything now, `exists` had before."""

    entry_id: str
    result: str


class Results(BaseModel):
    """What became of each entry, in order."""

    results: list[Posted]


def books(router: APIRouter, reader: Reader) -> None:
    """Add what writes to the ledger."""

    @router.post("/ledger/transfers", **about("transfers", "settle", Results))
    @repeatable
    def transfers(request: Request, body: Entries) -> Response:
        """Post entries; an id that is there already with the same content is left alone."""
        ledger = whole(request, reader, "ledger.post").board.ledger
        batch = pa.Table.from_pylist([e.model_dump() for e in body.entries])
        return done({"results": ledger.post(batch).to_pylist()})
