"""Errors as answers: RFC 9457 for programs, a page for people, in the caller's language."""

import json
from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from liandong.console.render import error_html
from liandong.errors import LiandongError
from liandong.service.headers import HEADERS
from liandong.texts import text


def known(request: Request, error: Exception) -> Response:
    """Answer an error of the tree with its status and its own words."""
    if not isinstance(error, LiandongError):
        raise error
    return _answer(request, error.http_status, error.code, error.text(_lang(request)))


def http(request: Request, error: Exception) -> Response:
    """Answer an error of HTTP itself, such as an unknown address."""
    if not isinstance(error, HTTPException):
        raise error
    code = "not_found" if error.status_code == HTTPStatus.NOT_FOUND else "usage"
    detail = text(f"problem.http_{code}", _lang(request), path=request.url.path)
    return _answer(request, error.status_code, code, detail, dict(error.headers or {}))


def unknown(request: Request, error: Exception) -> Response:
    """Answer a defect of ours; the server logs it.

    This answer is made outside all middleware, so the headers are added here.
    """
    del error  # what it says is for the log alone
    return _answer(request, 500, "error", text("problem.http_error", _lang(request)), HEADERS)


def _lang(request: Request) -> str:
    return str(getattr(request.state, "lang", "en"))


def _answer(
    request: Request, status: int, code: str, detail: str, headers: dict[str, str] | None = None
) -> Response:
    lang = _lang(request)
    title = text(f"problem.{code}", lang)
    if _for_program(request):
        body = {
            "type": f"urn:liandong:problem:{code}",
            "title": title,
            "status": status,
            "detail": detail,
            "instance": request.url.path,
        }
        return Response(
            json.dumps(body, ensure_ascii=False), status, headers,
            media_type="application/problem+json",
        )  # fmt: skip
    return HTMLResponse(error_html(status, title, detail, lang), status, headers)


def _for_program(request: Request) -> bool:
    """Tell whether the caller wants data: it says so, or it does not say that it reads HTML."""
    asked = request.query_params.get("format")
    return asked == "json" or (
        asked != "html" and "text/html" not in request.headers.get("accept", "")
    )
