"""What the resources of ``/v1`` share: how they are described, read, and answered."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import Path, Request, Response
from fastapi import Query as Asks
from pydantic import BaseModel, Field

from liandong.board import Board
from liandong.console.jobdesk import jobs_of
from liandong.console.pages import powers
from liandong.console.plain import plain_json
from liandong.console.query import LONGEST, Query
from liandong.console.reading import Reader, Reading
from liandong.console.rooms import etag
from liandong.texts import text

JSON = "application/json"
JOBS = "/v1/jobs"
Made = dict[str, Any]
Id = Annotated[str, Path(min_length=1, max_length=LONGEST, pattern=r"^[^/]+$")]
Word = Annotated[str, Asks(max_length=LONGEST)]
Day = Annotated[date | None, Asks(examples=["2024-06-30"])]
Number = Annotated[int, Asks(ge=1, le=10**6, description="number of the page, from 1")]


class Rows(BaseModel):
    """One page of rows."""

    rows: list[dict[str, Any]] = Field(description="objects with the fields of the table")
    next: str | None = Field(description="cursor of the next page; null: this is the last one")
    state: int = Field(description="number of the last act: the name of this state of the board")


class Told(BaseModel, extra="allow"):
    """An object, as the page of the console of the same name has it."""


def operation(name: str, tag: str) -> Made:
    """Return how an operation is named: its words are in the catalogue of texts."""
    return {"operation_id": name, "summary": text(f"api.{name}", "en"), "tags": [tag]}


def about(name: str, tag: str, answer: type[BaseModel] = Told, status: int = 200) -> Made:
    """Return how an operation is described, with its answer."""
    return {
        **operation(name, tag), "status_code": status, "responses": {status: {"model": answer}},
    }  # fmt: skip


def body(schema: Made, *kinds: str, needed: bool = True) -> Made:
    """Return how a body is described that is read by hand; of JSON if no kind is named."""
    content = {kind: {"schema": schema} for kind in kinds or (JSON,)}
    return {"openapi_extra": {"requestBody": {"required": needed, "content": content}}}


def told(request: Request, reading: Reading, make: Callable[[], Made | bytes]) -> Response:
    """Answer with JSON, unless whoever asks has it already."""
    headers = {"ETag": etag(request, reading), "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    made = make()
    if isinstance(made, dict):
        if made.get("unfinished"):  # the same address soon has another answer
            headers = {"Cache-Control": "no-store"}
        made = plain_json(made)
    return Response(made, media_type=JSON, headers=headers)


def shown(
    request: Request, reader: Reader, data: Callable[[Reading, Query], Made], **parts: str
) -> Response:
    """Answer with what a page of the console shows.

    Parameters
    ----------
    **parts
        Parts of the path beside those of the address.
    """
    reading = reader.of(request.state.caller).now(blind=data is powers.data)
    query = Query(request.query_params, request.url.path, {**request.path_params, **parts})
    return told(request, reading, lambda: data(reading, query))


def whole(request: Request, reader: Reader, action: str) -> Reader:
    """Return the reader of whoever asks for what concerns the whole board; he has to see all."""
    return reader.of(request.state.caller).whole(action)


def done(made: Made, status: int = 200, **headers: str) -> Response:
    """Answer with what was done."""
    return Response(plain_json(made), status, headers, media_type=JSON)


def queued(board: Board, job_id: str, **headers: str) -> Response:
    """Answer with a job that was asked for, and where it says how it goes."""
    return done(jobs_of(board).one(job_id), 202, Location=f"{JOBS}/{job_id}", **headers)
