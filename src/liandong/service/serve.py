"""Serving a board on this machine."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Thread
from typing import Literal, cast

from starlette.types import ASGIApp

from liandong.errors import RefusedError, UsageError
from liandong.texts import both

GRACE = 2
"""Seconds that answers still have when the service ends; those that never end have no more."""


def serve(
    location: str, host: str = "127.0.0.1", port: int = 8000, lang: str | None = None
) -> None:
    """Serve the console and the API of a board until interrupted.

    Parameters
    ----------
    location
        Folder of a board, or a ``postgresql://`` URL.
    host, port
        Where to listen. Only addresses of this machine: nobody has to log in yet.
    lang
        Language for readers whose browser names none of ours.

    Raises
    ------
    RefusedError
        If ``host`` can be reached from other machines.
    NotFoundError
        If there is no board.
    """
    if not is_local(host):
        raise RefusedError(
            actor=host, action=both("action.serve"), reason=both("refusal.this_machine_only")
        )
    import uvicorn

    from liandong.service.app import create_app

    app = create_app(location, lang=cast("Literal['zh', 'en'] | None", lang))
    uvicorn.run(
        app, host=host, port=port, log_level="warning", server_header=False,
        timeout_graceful_shutdown=GRACE,
    )  # fmt: skip


@contextmanager
def beside(app: ASGIApp, port: int) -> Iterator[None]:
    """Serve an application on this machine while something else is done.

    Raises
    ------
    UsageError
        If the port is not free.
    """
    import uvicorn

    try:
        listening = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise UsageError(what=both("fault.port", port=port), remedy=both("advice.port")) from error
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = Thread(target=server.run, args=([listening],), name="http", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


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
