"""What people do about their own access: passwords, one-time codes, tokens, sessions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from liandong.console.posted import form_of
from liandong.console.query import Query
from liandong.console.reading import Reader
from liandong.console.render import bare_html
from liandong.errors import LoginError, RefusedError, UsageError
from liandong.service.identity.codes import enrolment, recovery_codes, recovery_prints, step_of
from liandong.service.identity.gate import Gate
from liandong.store.logins import Tokens
from liandong.store.people import fingerprint
from liandong.texts import both

ROOM = "/account"
ENROL, PATIENCE = "enrol", 900
"""Purpose of a secret that is not confirmed yet, and seconds until it lapses."""


def account(gate: Gate, reader: Reader) -> APIRouter:
    """Return the route ``POST /account/{verb}``, which takes the forms of the page."""
    router = APIRouter(include_in_schema=False)

    @router.post(f"{ROOM}/{{verb}}")
    async def act(request: Request) -> Response:
        """Do what a form says: by whoever has logged in, and never by a program."""
        given = await form_of(request)
        query = Query(given, request.url.path, request.path_params)
        caller = request.state.caller
        if caller.how != "session":
            reason = both("refusal.session_only")
            raise RefusedError(actor=caller.actor, action=ROOM, reason=reason)
        work = VERBS[query.choice("verb", VERBS)]
        desk = Desk(gate, request, reader.of(caller))
        return await run_in_threadpool(work, desk, query, given)

    return router


class Desk:
    """One person's access, and what he does about it.

    Parameters
    ----------
    gate, request, reader
        Who lets in, what is asked, and the board as he sees it.
    """

    def __init__(self, gate: Gate, request: Request, reader: Reader) -> None:
        self.gate, self.request, self.reader = gate, request, reader
        self.name, self.people = reader.board.actor, reader.board.people
        self.tokens = Tokens(reader.board.store, self.name)

    def password(self, _: Query, given: dict[str, str]) -> Response:
        """Take another password; all other sessions end."""
        self._own(given.get("password", ""))
        made = self.gate.passwords.made(self.name, given.get("new", ""))
        mine = self.request.cookies.get(self.gate.cookie, "")
        self.people.set_password(self.name, made, keep=fingerprint(mine))
        return _back()

    def totp(self, _: Query, given: dict[str, str]) -> Response:
        """Show a new secret for one-time codes, to be confirmed by one."""
        self._own(given.get("password", ""))
        return self._enrol(enrolment(self.name).secret)

    def confirm(self, _: Query, given: dict[str, str]) -> Response:
        """Ask for one-time codes from now on, if the app shows the right one."""
        sealed = self.gate.seal.open(ENROL, given.get("sealed", ""), PATIENCE)
        if sealed is None or sealed["name"] != self.name:
            raise LoginError(reason=both("refusal.sealed"))
        step = step_of(sealed["secret"], given.get("code", ""))
        if step is None:
            return self._enrol(sealed["secret"], wrong=True)
        codes = recovery_codes()
        kept = self.gate.seal.shut("totp", secret=sealed["secret"])
        self.people.set_totp(self.name, kept, step, recovery_prints(codes))
        return self._once("codes", codes=codes)

    def token(self, query: Query, given: dict[str, str]) -> Response:
        """Make a token, and show it this once."""
        ends = datetime.now(UTC) + timedelta(days=query.whole("days", 90))
        scope = given.get("scope", "").replace(",", " ").split()
        made = self.tokens.issue(self.name, query.text("label"), scope, ends)
        return self._once("token", token=made)

    def revoke(self, query: Query, _: dict[str, str]) -> Response:
        """End a token."""
        self.tokens.revoke(query.text("token"), self.name)
        return _back()

    def end(self, query: Query, _: dict[str, str]) -> Response:
        """End one session, or all."""
        self.people.end(self.name, query.text("session"))
        return _back()

    def _own(self, password: str) -> None:
        """Refuse who cannot say the password: somebody else may sit there."""
        self.gate.attempt(self.request, self.name)
        person = self.people.known(name=self.name)
        if not self.gate.passwords.fits(person["password"] if person else None, password):
            raise UsageError(what=both("refusal.login"), remedy=both("advice.own_password"))
        self.gate.sessions.forgive(self.name)

    def _enrol(self, secret: str, *, wrong: bool = False) -> Response:
        sealed = self.gate.seal.shut(ENROL, name=self.name, secret=secret)
        shown = enrolment(self.name, secret)
        return self._once("enrol", enrolment=shown, sealed=sealed, wrong=wrong)

    def _once(self, kind: str, **said: Any) -> Response:  # noqa: ANN401 - what the page shows
        """Show what is not shown again."""
        lang, ticket = self.request.state.lang, self.request.state.caller.ticket
        page = bare_html(
            "once",
            lang,
            Query({}, ROOM),
            ticket,
            theme=self.request.state.theme,
            title="",
            reading=self.reader.now(),
            kind=kind,
            **said,
        )
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})


def _back() -> Response:
    return RedirectResponse(ROOM, 303)


VERBS: dict[str, Callable[[Desk, Query, dict[str, str]], Response]] = {
    "password": Desk.password,
    "totp": Desk.totp,
    "confirm": Desk.confirm,
    "token": Desk.token,
    "revoke": Desk.revoke,
    "end": Desk.end,
}
"""What the forms do."""
