"""Files that are loaded into tables."""

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi import Query as Asks
from pydantic import BaseModel, Field, JsonValue
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from liandong.board import Board
from liandong.console.jobdesk import modest
from liandong.console.query import wrong
from liandong.console.reading import Reader
from liandong.load import Loaded
from liandong.schema.tables import TABLES
from liandong.service.v1.once import MOST_BYTES, repeatable
from liandong.service.v1.saying import Made, about, body, done, whole
from liandong.texts import both

SHOWN = 100
"""Refused rows that are told."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = ("application/octet-stream", "text/csv", XLSX)
_OWN: list[JsonValue] = [t.name for t in TABLES.values() if t.home == "lake" and not t.secret]


class Upload(BaseModel):
    """What a file is."""

    table: str = Field(json_schema_extra={"enum": _OWN}, description="where its rows go")
    name: str = Field(
        pattern=r"^[\w\-]{1,60}\.(csv|xlsx|parquet)$", description="the same name again replaces it"
    )
    mapping: str = Field("", max_length=20_000, description="as of a mapping file, in JSON")
    sheet: str = Field("", max_length=100, description="of a workbook; the first if empty")
    dry_run: bool = Field(default=False, description="read and check, write nothing")


def loads(router: APIRouter, reader: Reader) -> None:
    """Add the resource that takes files."""
    file = body({"type": "string", "format": "binary"}, *KINDS)

    @router.post("/loads", **file, **about("load", "steps", status=201))
    @repeatable
    async def load(request: Request, upload: Annotated[Upload, Asks()]) -> Response:
        """Load a CSV, Excel or Parquet file; wrong rows are told, and the rest loads."""
        action = f"load.{upload.table}"
        found = await run_in_threadpool(whole, request, reader, action)
        board = found.may(action).board
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / upload.name
            await _received(request, path)
            await run_in_threadpool(modest, path)
            made = await run_in_threadpool(_loaded, board, upload, path)
        return done(made, 201, Location=f"/v1/runs/{made['run_id']}")


async def _received(request: Request, path: Path) -> None:
    size = 0
    with path.open("wb") as file:
        async for part in request.stream():
            size += len(part)
            if size > MOST_BYTES:
                raise HTTPException(413)
            file.write(part)


def _loaded(board: Board, upload: Upload, path: Path) -> Made:
    options: Made = {"mapping": m} if (m := _mapping(upload.mapping)) else {}
    options |= {"sheet": upload.sheet} if upload.sheet else {}
    # Where the file lies for now says nothing of what it is.
    part = f"{upload.table}:{upload.name}"
    read: list[Loaded] = []
    dry = upload.dry_run
    run = board.load(upload.table, path, part=part, dry_run=dry, seen=read.append, **options)
    if read:
        errors = read[0].errors
    else:  # the same was loaded before
        own = [h["path"] for h in board.store.heads("load_error") if h["part"] == part]
        errors = board.store.lake.read("load_error", own)
    return {**vars(run), "errors": errors.slice(0, SHOWN).to_pylist()}


def _mapping(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise wrong("mapping", text[:40], both("advice.json")) from error
    if not isinstance(found, dict):
        raise wrong("mapping", text[:40], both("advice.json"))
    return found
