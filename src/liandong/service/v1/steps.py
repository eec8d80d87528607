"""Steps: what there are, one tried on rows that are given, and one run on the board."""

from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, Field, StrictBool

from liandong.console.jobdesk import ask_run
from liandong.console.pages import jobs
from liandong.console.reading import Reader, Reading
from liandong.errors import DataError, UsageError
from liandong.schema.arrow import conform
from liandong.schema.checked import Checked
from liandong.schema.validate import check_rows
from liandong.service.v1.once import repeatable
from liandong.service.v1.saying import Made, Told, about, done, queued, told, whole
from liandong.step import Step, Tables
from liandong.step.registry import step, steps
from liandong.texts import both

LATER = "respond-async"
"""Asks for an answer before the work is done (RFC 7240)."""
MOST_ROWS = 10_000
"""Rows of one table that are given or told when a step is tried."""


class Values(BaseModel, extra="forbid"):
    """A step that runs on the board."""

    step: str = Field(max_length=100, examples=["assess.score"])
    values: dict[str, Any] = Field({}, description="of its rule; the others have their defaults")
    dry_run: StrictBool = Field(default=False, description="compute, write nothing")


class Trial(BaseModel, extra="forbid"):
    """What a step is tried on."""

    tables: dict[str, list[dict[str, Any]]] = Field(
        {}, description="rows by table: whole numbers are fen and ppm, texts as in a file"
    )
    board: list[str] = Field([], description="tables that are taken from the board")
    values: dict[str, Any] = Field({}, description="of its rule; the others have their defaults")


class Described(Told):
    """A step with its rule."""

    says: str = Field(description="what it is for, in the language that is asked for")
    doc: str = Field(description="docstring for programmers, in English in all languages")
    rule: dict[str, Any] = Field(description="JSON schema of its values")


def trying(router: APIRouter, reader: Reader) -> None:
    """Add the resources of steps."""

    @router.get("/steps", **about("steps", "steps"))
    def all_steps(request: Request) -> Response:
        """Return all steps: what they read and write, and what they are for."""
        reading = reader.of(request.state.caller).now()
        lang = request.state.lang
        return told(
            request, reading, lambda: {"steps": [_brief(s, lang) for s in steps().values()]}
        )

    @router.get("/steps/{step}", **about("step", "steps", Described))
    def one_step(request: Request) -> Response:
        """Return a step with the JSON schema of its rule."""
        found, reading = step(request.path_params["step"]), reader.of(request.state.caller).now()
        schema = found.rule.model_json_schema()
        return told(request, reading, lambda: {
            **_brief(found, request.state.lang), "doc": found.doc, "rule": schema,
        })  # fmt: skip

    @router.post("/steps/{step}/try", **about("try", "steps"))
    @repeatable
    def try_step(request: Request, body: Trial) -> Response:
        """Return what a step makes of rows that are given; nothing is written."""
        found = step(request.path_params["step"])
        reading = reader.of(request.state.caller).may("read").now()
        rule = found.rule.make(**body.values)
        given = _given(found, body) | {n: _here(reading, found, n) for n in body.board}
        made = reading.board.engine.run(found, found.inputs(given), rule)
        return done({
            "tables": {n: t.slice(0, MOST_ROWS).to_pylist() for n, t in made.items()},
            "counts": {n: len(t) for n, t in made.items()},
        })  # fmt: skip

    described = about("do", "steps", status=201)
    described["responses"][202] = {"model": Told, "description": "a job, with `respond-async`"}

    @router.post("/runs", **described)
    @repeatable
    def run_step(
        request: Request,
        body: Values,
        prefer: Annotated[str, Header(description=f"`{LATER}`: as a job, without waiting")] = "",
    ) -> Response:
        """Run a step on the board and wait for it; the same work is not done twice."""
        board, found = whole(request, reader, body.step).may(body.step).board, step(body.step)
        if LATER in {p.partition(";")[0].strip().lower() for p in prefer.split(",")}:
            job_id = ask_run(board, body.step, body.values, dry_run=body.dry_run)
            return queued(board, job_id, **{"Preference-Applied": LATER})
        rule = found.rule.make(**body.values)
        run = board.run(found, rule=rule, dry_run=body.dry_run)
        return done(vars(run), 201, Location=f"/v1/runs/{run.run_id}")


def _brief(found: Step, lang: str) -> Made:
    return {
        "name": found.name, "kind": found.kind, "reads": found.reads, "writes": found.writes,
        "approval": found.approval, "needs": dict(found.needs),
        "says": jobs.about(found.name)[lang],
    }  # fmt: skip


def _here(reading: Reading, found: Step, name: str) -> pa.Table:
    """Return a table of the board, as far as whoever asks sees it."""
    _need_read(found, name)
    return conform(name, reading.arrow(name))


def _need_read(found: Step, name: str) -> None:
    if name not in found.reads:
        remedy = both("advice.known", known=", ".join(found.reads))
        raise UsageError(what=both("fault.not_read", step=found.name, table=name), remedy=remedy)


def _given(found: Step, body: Trial) -> Tables:
    """Return rows of a body as tables.

    Raises
    ------
    DataError
        If a row is not valid; it names the first one.
    """
    tables = {}
    for name, rows in body.tables.items():
        _need_read(found, name)
        if len(rows) > MOST_ROWS:
            remedy = both("advice.length", most=MOST_ROWS)
            raise UsageError(what=both("fault.too_long", name=name), remedy=remedy)
        checked = _checked(name, rows)
        for e in checked.errors.slice(0, 1).to_pylist():
            why, advice = ({n: e[f"{w}_{n}"] for n in ("zh", "en")} for w in ("reason", "remedy"))
            what = both("fault.row", row=e["row"], field=e["field"], why=why)
            raise DataError(file=name, what=what, remedy=advice)
        tables[name] = checked.good
    return tables


def _checked(name: str, rows: list[Made]) -> Checked:
    try:
        data = pa.Table.from_pylist(rows) if rows else conform(name, pa.table({}))
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        what = both("fault.mixed_kinds", why=error)
        raise DataError(file=name, what=what, remedy=both("advice.see_dictionary")) from error
    return check_rows(name, data, "body").without_repeats()
