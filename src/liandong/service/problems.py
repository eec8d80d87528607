"""Errors as answers: RFC 9457 for programs, a page for people, in the caller's language."""

import json
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from liandong.console.query import Query
from liandong.console.render import bare_html
from liandong.errors import (
    BoardLockedError,
    ChangedError,
    LiandongError,
    LoginError,
    TooManyError,
    UnderWayError,
)
from liandong.service.headers import HEADERS
from liandong.service.identity.gate import came_from
from liandong.step.rule import worded
from liandong.texts import deeds, text

AGAIN = 1
"""Seconds after which it is worth while to ask again."""
TOLD = 50
"""Faults of a request that are told."""
CODES = {
    404: "not_found", 408: "too_slow", 413: "too_large", 415: "media_type", 429: "too_many",
    503: "unavailable",
}  # fmt: skip
"""Codes of problems by status; all others are wrong calls."""

MORE = ("action", "powers")
"""What a refusal names for programs: what was asked for, and the entries that do not give it."""


def known(request: Request, error: Exception) -> Response:
    """Answer an error of the tree with its status and its own words."""
    if not isinstance(error, LiandongError):
        raise error
    status = error.http_status
    if isinstance(error, ChangedError) and "if-match" in request.headers:
        status = HTTPStatus.PRECONDITION_FAILED
    headers = {}
    if isinstance(error, UnderWayError | BoardLockedError):
        headers["Retry-After"] = str(AGAIN)
    if isinstance(error, TooManyError):
        headers["Retry-After"] = str(error.params["seconds"])
    if isinstance(error, LoginError):
        headers["WWW-Authenticate"] = 'Bearer realm="liandong"'
    lang = _lang(request)
    said = {n: error.params[n] for n in MORE if n in error.params}
    more = {n: v.get(lang) if isinstance(v, dict) else v for n, v in said.items()}
    return _answer(
        request, status, error.code, error.elsewhere(lang, **deeds(error.params)), headers, **more
    )


def http(request: Request, error: Exception) -> Response:
    """Answer an error of HTTP itself, such as an unknown address."""
    if not isinstance(error, HTTPException):
        raise error
    code = CODES.get(error.status_code, "usage")
    detail = text(f"problem.http_{code}", _lang(request), path=request.url.path)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request, headers.get("Allow", ""))
    return _answer(request, error.status_code, code, detail, headers)


def _allowed(request: Request, said: str) -> str:
    """Return what an address takes: several routes may share it, of which one only has said so."""
    if not isinstance(request.app, FastAPI):
        return said
    here, described = request.url.path.split("/"), request.app.openapi()["paths"]
    fitting = [p for p in described if _fits(p.split("/"), here)]
    own = [p for p in fitting if "{" not in p] or fitting
    return ", ".join(sorted({m.upper() for p in own for m in described[p]})) or said


def _fits(path: list[str], here: list[str]) -> bool:
    both = zip(path, here, strict=False)
    return len(path) == len(here) and all(p == h or p.startswith("{") for p, h in both)


def unfit(request: Request, error: Exception) -> Response:
    """Answer parameters or a body that are not as they are declared: each fault by its place."""
    if not isinstance(error, RequestValidationError):
        raise error
    lang = _lang(request)
    faults = [{"pointer": _pointer(e["loc"]), "detail": worded(e, lang)} for e in error.errors()]
    detail = "; ".join(f"{f['pointer']}: {f['detail']}" for f in faults[:TOLD])
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return _answer(request, status, "request", detail, errors=faults[:TOLD])


def _pointer(place: tuple[str | int, ...]) -> str:
    """Return a JSON pointer into the request, which has a body, a query, a path and headers."""
    return "".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in place)


def unknown(request: Request, error: Exception) -> Response:
    """Answer a defect of ours; the server logs it.

    This answer is made outside all middleware, so the headers are added here.
    """
    del error  # what it says is for the log alone
    headers = {**HEADERS, "X-Request-ID": _request_id(request)}
    return _answer(request, 500, "error", text("problem.http_error", _lang(request)), headers)


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


def _lang(request: Request) -> str:
    return str(getattr(request.state, "lang", "en"))


def _answer(
    request: Request,
    status: int,
    code: str,
    detail: str,
    headers: dict[str, str] | None = None,
    **more: object,
) -> Response:
    lang = _lang(request)
    title = text(f"problem.{code}", lang)
    if for_program(request):
        body = {
            "type": f"urn:liandong:problem:{code}",
            "title": title,
            "status": status,
            "detail": detail,
            "instance": request.url.path,
            **more,
            "request_id": _request_id(request),
        }
        return Response(
            json.dumps(body, ensure_ascii=False), status, headers,
            media_type="application/problem+json",
        )  # fmt: skip
    here = request.method in {"GET", "HEAD"}  # what a form was sent to is no page to come back to
    query = Query(request.query_params, request.url.path) if here else Query({}, "/")
    page = bare_html(
        "error", lang, query, theme=getattr(request.state, "theme", ""), title=title,
        status=status, detail=detail, action=str(more["action"]) if "powers" in more else "",
        back="" if here else came_from(request),
    )  # fmt: skip
    return HTMLResponse(page, status, headers)


def unread(status: int) -> bytes:
    """Return the problem of a request that did not come as a whole: in both languages."""
    code = {408: "too_slow", 431: "head_too_large"}[status]
    title = " / ".join(text(f"problem.{code}", lang) for lang in ("zh", "en"))
    body = {"type": f"urn:liandong:problem:{code}", "title": title, "status": status,
            "detail": title}  # fmt: skip
    return json.dumps(body, ensure_ascii=False).encode()


def for_program(request: Request) -> bool:
    """Tell whether the caller wants data: it says so, or it does not say that it reads HTML."""
    asked = request.query_params.get("format")
    return asked == "json" or (
        asked != "html" and "text/html" not in request.headers.get("accept", "")
    )
