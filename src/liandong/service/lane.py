"""The short way for few events: they are taken and answered where they are read off the wire.

What all other requests go through, a task and the messages of ASGI, takes longer than the work.
"""

from functools import partial
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from liandong.delivery import lines
from liandong.service import problems
from liandong.service.app import LOCAL_HOSTS
from liandong.service.heads import Heads
from liandong.service.intake import INTAKE, PATH, Intake, Said, judged

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, HTTPScope

HOSTS = frozenset(host.encode() for host in LOCAL_HOSTS)
UNUSUAL = frozenset((b"expect", b"transfer-encoding", b"upgrade"))
"""Heads of requests that go the long way."""


class Lane(Heads):
    """A connection whose few events go to the intake at once, and all else to the application.

    A protocol of :mod:`uvicorn`, for the application of :func:`.create_intake`.
    """

    _near: RequestResponseCycle | None = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        if self.flow.write_paused or not _is_near(cycle.scope):
            super()._start_asgi_task(cycle, app)
        elif cycle.more_body:
            self._near = cycle
        else:
            self._take(cycle)

    def on_message_complete(self) -> None:
        """Take events whose last byte has come."""
        super().on_message_complete()
        cycle, self._near = self._near, None
        if cycle is not None:
            self._take(cycle)

    def _take(self, cycle: RequestResponseCycle) -> None:
        data, then = bytes(cycle.body), partial(self._answer, cycle)
        intake: Intake = self.app_state[INTAKE]
        try:
            intake.check()
        except HTTPException as error:
            then(error)
        else:
            intake.keep(data, judged(data), then)

    def _answer(self, cycle: RequestResponseCycle, said: Said | HTTPException) -> None:
        if self.transport.is_closing():
            return
        if isinstance(said, HTTPException):
            told = problems.http(Request(dict(cycle.scope)), said)
            status, heads, body = told.status_code, told.raw_headers, bytes(told.body)
        else:
            (status, body), size = said, b"%d" % len(said.body)
            heads = [(b"content-type", b"application/json"), (b"content-length", size)]
        if not cycle.keep_alive:
            heads.append((b"connection", b"close"))
        head = [b"%b: %b\r\n" % each for each in (*self.server_state.default_headers, *heads)]
        self.transport.write(b"".join((STATUS_LINE[status], *head, b"\r\n", body)))
        cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()


def _is_near(scope: "HTTPScope") -> bool:
    """Tell whether a request brings events, and few, in the plainest way."""
    if scope["path"] != PATH or scope["method"] != "POST":
        return False
    few = known = False
    for name, value in scope["headers"]:
        if name == b"content-length":
            few = int(value) < lines.FEW
        elif name == b"host":
            known = (value.rpartition(b":")[0] or value) in HOSTS
            if not known:
                return False
        elif name in UNUSUAL:
            return False
    return few and known
