"""Serving a board on this machine."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Thread
from typing import TYPE_CHECKING, Literal, cast

from starlette.types import ASGIApp

from liandong.config import settings_now
from liandong.errors import RefusedError, UsageError
from liandong.texts import both

if TYPE_CHECKING:
    from asyncio import Protocol

    from uvicorn import Server

GRACE = 2
"""Seconds that answers still have when the service ends; those that never end have no more."""


def serve(
    location: str,
    host: str = "127.0.0.1",
    port: int = 8000,
    lang: str | None = None,
    actor: str | None = None,
    *,
    login: bool = False,
) -> None:
    """Serve the console and the API of a board until interrupted.

    Parameters
    ----------
    location
        Folder of a board, or a ``postgresql://`` URL.
    host, port
        Where to listen; only at addresses of this machine unless one has to log in.
    lang
        Language for readers whose browser names none of ours.
    actor
        Who acts where nobody has to log in; by default that of the settings.
    login
        Whether everybody has to log in, even if the board has no people yet.

    Raises
    ------
    RefusedError
        If ``host`` can be reached from other machines and nobody has to log in.
    NotFoundError
        If there is no board.
    """
    settings = settings_now()
    if not (is_local(host) or login or settings.oidc_issuer):
        raise RefusedError(
            actor=host, action=both("action.serve"), reason=both("refusal.this_machine_only")
        )
    import uvicorn

    from liandong.service.app import create_app

    chosen = cast("Literal['zh', 'en'] | None", lang)
    app = create_app(location, lang=chosen, actor=actor, login=login)
    uvicorn.run(
        app, host=host, port=port, log_level="warning", server_header=False,
        timeout_graceful_shutdown=GRACE, proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies or None,
    )  # fmt: skip


def serve_alone(app: ASGIApp, port: int) -> None:
    """Serve an application at a port of this machine until interrupted.

    Raises
    ------
    UsageError
        If the port is not free.
    """
    listening = port_taken(port)
    try:
        server_of(app).run([listening])
    finally:
        listening.close()


@contextmanager
def beside(app: ASGIApp, port: int) -> Iterator[Callable[[], bool]]:
    """Serve an application here while something else is done; yields if that still goes.

    Raises
    ------
    UsageError
        If the port is not free.
    """
    listening, server = port_taken(port), server_of(app)
    thread = Thread(target=server.run, args=([listening],), name="http", daemon=True)
    thread.start()
    try:
        yield thread.is_alive
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def server_of(app: ASGIApp, http: "type[Protocol] | None" = None) -> "Server":
    """Return a server of this machine's callers, which says little.

    Parameters
    ----------
    app
        Who answers.
    http
        What its connections are, if they are not the usual ones.
    """
    import uvicorn

    config = uvicorn.Config(
        app, http=http or "auto", ws="none", log_level="warning", access_log=False,
        server_header=False, proxy_headers=False,
    )  # fmt: skip
    return uvicorn.Server(config)


def port_taken(port: int, *, open_now: bool = True) -> socket.socket:
    """Return a socket at a port of this machine only.

    Parameters
    ----------
    port
        Which.
    open_now
        Whether callers may connect already, and wait for their answers.

    Raises
    ------
    UsageError
        If the port is not free.
    """
    found = socket.socket()
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", port))
        if open_now:
            found.listen()
    except OSError as error:
        found.close()
        raise UsageError(what=both("fault.port", port=port), remedy=both("advice.port")) from error
    return found


def is_local(host: str) -> bool:
    """Tell whether ``host`` is an address of this machine only.

    Examples
    --------
    >>> is_local("localhost"), is_local("::1"), is_local("0.0.0.0")
    (True, True, False)
    """
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
