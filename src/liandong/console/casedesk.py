"""Acting on cases over HTTP: by the forms of the console, and what ``/v1/cases`` has of it."""

from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from liandong.console.links import missing
from liandong.console.posted import Given, form_of
from liandong.console.query import LONGEST, wrong
from liandong.console.reading import Reader, Reading, Row
from liandong.errors import UsageError
from liandong.schema.tables import table
from liandong.store.casework import VERBS
from liandong.texts import both

LONGEST_TEXT = 4_000
"""Characters of a note or a reason at most."""
TOGETHER = ("open", "balance")
"""What is done to many cases at once."""


def handling(reader: Reader) -> APIRouter:
    """Return the routes by which cases are worked on.

    ``POST /cases/{case_id}/{verb}`` takes a form and leads back to the case. Without a case,
    ``open`` and ``balance``.
    """
    router = APIRouter(include_in_schema=False)

    async def form(request: Request) -> Response:
        given = await form_of(request)
        bound = reader.of(request.state.caller)
        await run_in_threadpool(act, bound, request.path_params, given)
        case_id = request.path_params.get("case_id", "")
        back = f"/cases/{quote(case_id, safe='')}" if case_id else "/cases"
        return RedirectResponse(back, 303)

    for path in ("/cases/{verb}", "/cases/{case_id}/{verb}"):
        router.add_api_route(path, form, methods=["POST"])
    return router


def seen(reader: Reader, case_id: str) -> Given:
    """Return a case with its acts."""
    reader.now().need("alert_case", case_id=case_id)
    cases = reader.board.cases
    return {**cases.rows(case_id=case_id)[0], "acts": cases.acts(case_id)}


def act(reader: Reader, parts: Row, given: Given) -> Given:
    """Do what is asked for, and return the case as it is then, or what was done to many.

    Parameters
    ----------
    parts
        ``verb`` and ``case_id``; without a case, the verb is one of :data:`TOGETHER`.
    given
        What is said, and as ``seen`` the number of the last act that whoever acts knows.
    """
    cases, verb = reader.board.cases, parts["verb"]
    reading = reader.now()
    if "case_id" not in parts:
        reading.need_all(f"case.{verb}")
        if verb not in TOGETHER:
            raise wrong("verb", verb, both("advice.known", known=", ".join(TOGETHER)))
        return vars(cases.open()) if verb == "open" else {
            "assigned": cases.balance(_text(given, "queue", LONGEST))
        }  # fmt: skip
    if verb not in VERBS:
        raise wrong("verb", verb, both("advice.known", known=", ".join(VERBS)))
    reading.need("alert_case", case_id=parts["case_id"])
    said: Given = {n: _text(given, n, LONGEST_TEXT) for n in VERBS[verb]}
    if said.get("row"):
        said["row"] = _row(reading, said["row"])
    return cases.act(verb, parts["case_id"], said, seen=_number(given))


def _text(given: Given, name: str, most: int) -> str:
    value = "" if given.get(name) is None else given[name]
    if not isinstance(value, str):
        raise wrong(name, str(value), both("advice.text"))
    if len(value) > most:
        what = both("fault.too_long", name=name)
        raise UsageError(what=what, remedy=both("advice.length", most=most))
    return value.strip()


def _number(given: Given) -> int | None:
    value = "" if given.get("seen") is None else str(given["seen"])
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:11]) <= 10**9):
        raise wrong("seen", value[:40], both("advice.number", low=1, high=10**9))
    return int(value)


def _row(reading: Reading, address: str) -> dict[str, str]:
    """Read the address of a page that explains a row of a table, which has to be there."""
    parts = urlsplit(address).path.split("/")
    if len(parts) != 4 or (parts[1], parts[3]) != ("table", "row"):
        raise wrong("row", address, both("advice.row_address"))
    key = {k: v for k, v in parse_qsl(urlsplit(address).query) if k != "lang"}
    key = {k: v for k, v in key.items() if k in table(parts[2]).key}
    if not key:
        raise missing(parts[2], address, f"/table/{parts[2]}")
    reading.need(parts[2], **key)
    return {"table": parts[2], **key}
