"""Tables: what there are, their rows page by page or as files, one row, and why it says what."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from liandong.console.around import ALERTS
from liandong.console.links import missing
from liandong.console.lookup import Lookup
from liandong.console.pages import row as row_page
from liandong.console.pages.table import read
from liandong.console.plain import plain_json
from liandong.console.query import LONGEST, Query, Where
from liandong.console.reading import Reader, Reading
from liandong.errors import UsageError
from liandong.govern.approvals import seen
from liandong.schema.field import Table
from liandong.schema.tables import TABLES, table
from liandong.service.v1.asked import FORMATS, MOST, Asked
from liandong.service.v1.files import KINDS, streamed
from liandong.service.v1.once import direct
from liandong.service.v1.saying import Rows, about, shown, told
from liandong.step.reasons import reason_text
from liandong.step.registry import step
from liandong.texts import both

Format = Literal["json", "ndjson", "csv", "arrow"]


class Listing(BaseModel):
    """How rows are asked for, beside filters."""

    fields: str = Field("", max_length=4_000, description="fields of each row, by commas")
    sort: str = Field("", max_length=LONGEST, description="a field to order by, before the key")
    down: Literal["", "0", "1", "false", "true"] = Field(
        "0", description="1 or true: the largest first"
    )
    limit: Annotated[int, Field(ge=1, le=MOST)] | Literal[""] | None = Field(
        "", description="rows at most; 50 by default, of a file all"
    )
    cursor: str = Field("", max_length=4_000, description="`next` of the page before")
    format: Format = Field("json", description="pages as JSON, or all rows as a file")


def listing(name: str, tag: str) -> dict[str, Any]:
    """Return how a list of rows is described."""
    kinds: dict[str, Any] = {kind.partition(";")[0]: {} for kind in KINDS.values()}
    asked = Listing.model_json_schema()["properties"].items()
    given = [{"name": n, "in": "query", "required": False, "schema": s} for n, s in asked]
    return {
        **about(name, tag),
        "responses": {200: {"model": Rows, "content": kinds}},
        "openapi_extra": {"parameters": given},
    }


class Tables(BaseModel):
    """All tables."""

    tables: list[dict[str, Any]]


def tables(router: APIRouter, reader: Reader) -> None:
    """Add the resources of tables."""
    every = plain_json({"tables": [described(t) for t in TABLES.values()]})

    @router.get("/tables", **about("tables", "tables", Tables))
    def all_tables(request: Request) -> Response:
        """Return names, labels, keys and fields of all tables; money is in fen, rates in ppm."""
        return told(request, reader.of(request.state.caller).now(), lambda: every)

    @router.get("/tables/{name}", **listing("rows", "tables"))
    @direct
    async def rows(request: Request) -> Response:
        """Return rows of a table.

        Rows are filtered by `f.FIELD=value`, `f.FIELD.from=`, `f.FIELD.to=` (inclusive) and
        `f.FIELD.prefix=`. A cursor names the last row that was told: while others write, a row
        that is there the whole time comes exactly once.
        """
        return await listed(request, reader, request.path_params["name"])

    @router.get("/tables/{name}/row", **about("row", "tables"))
    @direct
    async def row(request: Request) -> Response:
        """Return the row whose key fields are given as parameters."""
        return await one(request, reader, request.path_params["name"], request.query_params)

    @router.get("/tables/{name}/row/why", **about("why", "tables"))
    @direct
    async def why(request: Request) -> Response:
        """Return a row with its reasons in words, its run, rule, inputs, approval and log proof."""
        answer = partial(shown, request, reader, partial(_why, request))
        known = _known(reader.of(request.state.caller).now(), request)
        return answer() if known else await run_in_threadpool(answer)


def described(spec: Table) -> dict[str, Any]:
    """Return what a table is."""
    return {
        "name": spec.name, "zh": spec.zh, "en": spec.en, "key": spec.key, "home": spec.home,
        "fields": [
            {"name": f.name, "kind": f.kind, "zh": f.zh, "en": f.en, "unit": f.unit,
             "null": f.null, "choices": f.choices}
            for f in spec.fields
        ],
    }  # fmt: skip


async def listed(request: Request, reader: Reader, name: str) -> Response:
    """Answer with rows of a table, as the address asks for them."""
    query, spec = Query(request.query_params, request.url.path), table(name)
    kind, asked = query.choice("format", FORMATS, "json"), Asked.of(spec, query)
    reading = reader.of(request.state.caller).now()
    if kind != "json":
        limit, lang = asked.limit if query.text("limit") else 0, request.state.lang
        return await run_in_threadpool(streamed, reading, asked, kind, lang, limit)
    first = asked.first
    found = None if first is None else reading.held.lookups.ready(name, *first)
    if found is not None:  # at once: another thread would cost more than the work
        return told(request, reading, lambda: _looked_up(reading, asked, found))
    return await run_in_threadpool(told, request, reading, lambda: _page(reading, asked))


def _page(reading: Reading, asked: Asked) -> bytes:
    """Return a page of rows, by a lookup if the table is not too large for it."""
    found = None if asked.first is None else reading.held.lookups.of(asked.spec.name)
    if found is not None:
        return _looked_up(reading, asked, found)
    rows = reading.rows(
        'SELECT * FROM "{name}"{where}{order} LIMIT ?',
        asked.where(), asked.limit + 1, name=asked.spec.name, order=asked.order(),
    )  # fmt: skip
    here = rows[: asked.limit]
    after = asked.cursor(here[-1]) if len(rows) > len(here) else None
    return _written(reading, [plain_json(_cut(asked, r)) for r in here], after)


def _looked_up(reading: Reading, asked: Asked, found: Lookup) -> bytes:
    first = asked.first or ()
    order = found.order(*first)
    places = order.span([*asked.chosen.values()])
    if asked.last is not None:
        known = {**asked.chosen, **asked.last}
        places = order.after([known[n] for n in order.fields], places)
    shown = places[: asked.limit]
    here = order.rows(shown)
    cut = [plain_json(_cut(asked, r)) for r in found.rows(here)] if asked.fields else None
    after = asked.cursor(order.named(shown[-1])) if len(places) > len(shown) else None
    return _written(reading, cut or found.json(here), after)


def _cut(asked: Asked, row: dict[str, Any]) -> dict[str, Any]:
    return {n: row[n] for n in asked.fields} if asked.fields else row


def _written(reading: Reading, rows: list[bytes], cursor: str | None) -> bytes:
    after = f'"{cursor}"' if cursor else "null"
    return b'{"rows": [%b], "next": %b, "state": %d}' % (
        b", ".join(rows), after.encode(), reading.state,
    )  # fmt: skip


async def one(
    request: Request, reader: Reader, name: str, given: Mapping[str, str], *, newest: bool = False
) -> Response:
    """Answer with the one row that a key names.

    Parameters
    ----------
    given
        Values of the fields of the key.
    newest
        Whether the first fields of it are enough: then it is the last row that begins so.
    """
    spec = table(name)
    key = [read(spec.field(k), given[k]) for k in spec.key if given.get(k)]
    if len(key) < (1 if newest else len(spec.key)):
        remedy = both("advice.whole_key", names=", ".join(spec.key))
        raise UsageError(what=both("fault.no_key", table=spec.name), remedy=remedy)
    reading = reader.of(request.state.caller).now()
    found = reading.held.lookups.ready(name)
    if found is not None:
        return told(request, reading, lambda: _last(found, key))
    return await run_in_threadpool(told, request, reading, lambda: _found(reading, spec, key))


def _last(found: Lookup, key: list[object]) -> bytes:
    order = found.order()
    places = order.span(key)
    if not places:
        raise missing(found.spec.name, "/".join(map(str, key)), f"/table/{found.spec.name}")
    return found.json(order.rows(places[-1:]))[0]


def _found(reading: Reading, spec: Table, key: list[object]) -> bytes:
    if (found := reading.held.lookups.of(spec.name)) is not None:
        return _last(found, key)
    where, order = Where(), ", ".join(f'"{k}" DESC' for k in spec.key)
    for name, value in zip(spec.key, key, strict=False):
        where.add(f'"{name}" = ?', value)
    asked = 'SELECT * FROM "{name}"{where} ORDER BY {order} LIMIT 1'
    row = reading.first(asked, where, name=spec.name, order=order)
    if row is None:
        raise missing(spec.name, "/".join(map(str, key)), f"/table/{spec.name}")
    return plain_json(row)


def _known(reading: Reading, request: Request) -> bool:
    """Tell whether all that is behind a row is there: another thread costs more than the work."""
    name, given = request.path_params["name"], request.query_params
    key: dict[str, object] = {k: given[k] for k in table(name).key if k in given}
    return name not in ALERTS and ("behind", reading.writer(name, key)) in reading.held.made


def _why(request: Request, reading: Reading, query: Query) -> dict[str, Any]:
    """Return what the page of a row shows, with words, who approved, and where the proof is."""
    data, lang = row_page.data(reading, query), request.state.lang
    words = [{**r, "text": reason_text(r["code"], r["points"], lang)} for r in data["reasons"]]
    if not (run := data["run"]):
        return {**data, "reasons": words}
    behind = reading.once(("behind", run["run_id"]), lambda: _behind(reading, run, data["made"]))
    return {**data, "reasons": words, **behind}


def _behind(reading: Reading, run: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """Return the rule of a run, who approved what it acted on, and the proof that it was done."""
    seq = made["act"] and made["act"]["seq"]
    tables = () if run["step"].startswith("load.") else step(run["step"]).approval
    subject = seen([i for n in tables for i in run["inputs"].get(n, ())])
    approved = reading.first(
        'SELECT * FROM "case" WHERE action = ? AND subject = ? AND state = \'approved\'',
        run["step"], subject,
    )  # fmt: skip
    return {
        "rule": reading.first("SELECT * FROM rule WHERE rule_id = ?", run["rule_id"]),
        "approval": approved,
        "act": seq,
        "proof": f"/log/proof/{seq}" if made["sealed"] else None,
    }
