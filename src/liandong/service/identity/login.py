"""Logging in and out: by password and one-time code, or by a provider of identities."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from liandong.console.posted import form_of
from liandong.console.query import Query
from liandong.console.render import bare_html
from liandong.errors import LiandongError, LoginError, NotFoundError, TooManyError
from liandong.service.identity.codes import step_of
from liandong.service.identity.gate import Gate, local
from liandong.service.identity.oidc import Provider
from liandong.store.people import LONGEST_NAME
from liandong.texts import both, text

PENDING, JOINING = "login", "oidc"
"""Cookies of those who have shown a password alone, and of those who are at the provider."""
PATIENCE = 600
"""Seconds for which these hold."""
CALLBACK = "/oidc/callback"
Given = dict[str, str]


def logging_in(gate: Gate) -> APIRouter:
    """Return the routes ``/login``, ``/login/code`` and ``/logout``, and those below ``/oidc``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    def page(request: Request) -> Response:
        """Show what to log in by."""
        to = local(request.query_params.get("next", "/"))
        if not gate.needed():
            return RedirectResponse(to, 303)
        return _page(gate, request, to)

    async def posted(request: Request) -> Response:
        given = await form_of(request)
        to = local(given.get("next", "/"))
        code = request.url.path.endswith("/code")
        try:
            return await run_in_threadpool(_code if code else _password, gate, request, given, to)
        except (LoginError, TooManyError) as error:
            return await run_in_threadpool(
                _page, gate, request, to, error, code=code, name=given.get("name", "")
            )

    router.add_api_route("/login", posted, methods=["POST"])
    router.add_api_route("/login/code", posted, methods=["POST"])

    @router.post("/logout")
    async def out(request: Request) -> Response:
        """End the session, here and now."""
        await form_of(request)
        answer = RedirectResponse("/login?out=1", 303)
        await run_in_threadpool(gate.sessions.close, request.cookies.get(gate.cookie, ""))
        gate.drop(answer, gate.cookie)
        answer.headers["Clear-Site-Data"] = '"cache"'
        return answer

    @router.get("/oidc/login")
    def away(request: Request) -> Response:
        """Send the browser to the provider."""
        to = local(request.query_params.get("next", "/"))
        address, kept = _provider(gate).begin(gate.address(request, CALLBACK))
        answer = RedirectResponse(address, 303)
        gate.put(answer, JOINING, gate.seal.shut(JOINING, **kept, to=to), PATIENCE)
        return answer

    @router.get(CALLBACK)
    def back(request: Request) -> Response:
        """Let in whom the provider vouches for."""
        try:
            answer = _joined(gate, request)
        except LiandongError as error:
            answer = _page(gate, request, "/", error)
        gate.drop(answer, JOINING)
        return answer

    @router.get("/oidc/logout")
    def farewell(request: Request) -> Response:
        """Send the browser to the provider, to log out there, too."""
        back = gate.address(request, "/login")
        return RedirectResponse(_provider(gate).farewell(back) or back, 303)

    return router


def _password(gate: Gate, request: Request, given: Given, to: str) -> Response:
    """Take a name and a password; whoever has one-time codes is asked for one next."""
    name, password = given.get("name", "")[:LONGEST_NAME], given.get("password", "")
    gate.attempt(request, name)
    person = gate.people.known(name=name)
    kept = person["password"] if person else None
    fits = gate.passwords.fits(kept, password)
    if not fits or person is None or kept is None or person["disabled"]:
        raise LoginError(reason=both("refusal.login"))
    if again := gate.passwords.again(kept, password):
        gate.people.rehashed(name, again)
    if person["totp"] is None:
        return gate.enter(request, name, "password", to)
    answer = _page(gate, request, to, code=True, status=200)
    gate.put(answer, PENDING, gate.seal.shut(PENDING, name=name), PATIENCE)
    return answer


def _code(gate: Gate, request: Request, given: Given, to: str) -> Response:
    """Take a one-time code, or one that stands in for those, after a password."""
    said = gate.seal.open(PENDING, request.cookies.get(PENDING, ""), PATIENCE)
    if said is None:
        return RedirectResponse("/login", 303)
    name, code = said["name"], given.get("code", "").strip().lower()
    gate.attempt(request, name)
    person = gate.people.known(name=name) or {"totp": None}
    if not person["totp"] or not code_fits(gate, person, code):
        raise LoginError(reason=both("refusal.code"))
    answer = gate.enter(request, name, "password, totp", to)
    gate.drop(answer, PENDING)
    return answer


def code_fits(gate: Gate, person: dict[str, str], code: str) -> bool:
    """Tell whether a code is one of a person that was not used before; it is used up."""
    opened = gate.seal.open("totp", person["totp"])
    if opened is None:
        raise LoginError(reason=both("refusal.sealed"))
    step = step_of(opened["secret"], code)
    if step is not None:
        return gate.people.use_step(person["name"], step)
    return gate.people.use_recovery(person["name"], code)


def _joined(gate: Gate, request: Request) -> Response:
    provider = _provider(gate)
    kept = gate.seal.open(JOINING, request.cookies.get(JOINING, ""), PATIENCE)
    if kept is None:
        raise LoginError(reason=both("refusal.oidc", what="state"))
    back = gate.address(request, CALLBACK)
    claims = provider.finish(kept, request.query_params, back)
    posts = provider.posts_in(claims)
    name = gate.people.joined(
        provider.name_in(claims), claims["iss"], claims["sub"],
        known_only=gate.settings.oidc_known_only,
    )  # fmt: skip
    return gate.enter(request, name, "oidc", kept["to"], posts)


def _provider(gate: Gate) -> Provider:
    if gate.provider is None:
        remedy = both("advice.oidc")
        raise NotFoundError(kind=both("kind.provider"), name="oidc", remedy=remedy)
    return gate.provider


def _page(
    gate: Gate, request: Request, to: str, error: LiandongError | None = None, *,
    code: bool = False, status: int = 0, name: str = "",
) -> Response:  # fmt: skip
    """Return the page to log in at, with what went wrong."""
    lang = request.state.lang
    said: Any = error.params["reason"] if isinstance(error, LoginError) else None
    shown = bare_html(
        "login", lang, Query({"next": to}, "/login"), title=text("console.page_login", lang), to=to,
        code=code, who=name[:LONGEST_NAME], theme=request.state.theme,
        error=said[lang] if said else error.text(lang) if error else "",
        provider=gate.provider is not None, out="out" in request.query_params,
    )  # fmt: skip
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, TooManyError):
        headers["Retry-After"] = str(error.params["seconds"])
    return HTMLResponse(shown, status or (error.http_status if error else HTTPStatus.OK), headers)
