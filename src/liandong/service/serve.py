"""Serving a board on this machine."""

import gc
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Literal, cast

from starlette.types import ASGIApp

from liandong.config import settings_now
from liandong.errors import RefusedError, UsageError
from liandong.texts import both

if TYPE_CHECKING:
    from asyncio import Protocol

    from uvicorn import Server

    from liandong.service.logs import Form

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names where workers put their figures together."""
HUNG = 30
"""Seconds without a sign of life after which a worker is replaced."""
GRACE = 1
"""Seconds that answers still have when the service ends; those that never end have no more."""


@dataclass(frozen=True)
class Listen:
    """Where a service listens, and with how many processes.

    Attributes
    ----------
    host, port
        An address.
    path
        A socket of the file system instead, for a reverse proxy of the same machine or group.
    workers
        Processes that answer.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    path: Path | None = None
    workers: int = 1


def serve(
    location: str,
    listen: Listen,
    lang: str | None = None,
    actor: str | None = None,
    log: "Form" = "text",
    *,
    login: bool = False,
) -> None:
    """Serve the console and the API of a board until interrupted.

    Parameters
    ----------
    location
        Folder of a board, or a ``postgresql://`` URL.
    listen
        Where; only at addresses of this machine with nothing in front, unless one has to log in.
    lang
        Language for readers whose browser names none of ours.
    actor
        Who acts where nobody has to log in; by default that of the settings.
    log
        How its log is written.
    login
        Whether everybody has to log in, even if the board has no people yet.

    Raises
    ------
    RefusedError
        If the service can be reached from other machines, by its address or through a proxy, and
        nobody has to log in.
    UsageError
        If the address is not free.
    NotFoundError
        If there is no board.
    """
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from liandong.board import open as open_board
    from liandong.service import logs
    from liandong.service.heads import Heads

    # What keeps a board from being opened is told here, once; it is brought up to date here, too.
    settings = settings_now()
    with open_board(location, create=False) as board:
        known = login or bool(settings.oidc_issuer) or board.people.any()
    # A socket, other names and proxies are for callers from elsewhere, whatever the address says.
    fronted = listen.path or settings.hosts or settings.proxies
    if not known and (fronted or not is_local(listen.host)):
        raise RefusedError(
            actor=str(listen.path or listen.host),
            action=both("action.serve"),
            reason=both("refusal.this_machine_only"),
        )
    said = cast("Literal['zh', 'en'] | None", lang)
    config = uvicorn.Config(
        partial(_app, location, said, actor, login=login), factory=True, http=Heads, ws="none",
        log_config=logs.config(log), access_log=False, server_header=False, proxy_headers=False,
        timeout_graceful_shutdown=GRACE, workers=listen.workers,
        timeout_worker_healthcheck=HUNG,
    )  # fmt: skip
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises again what it has heeded
    with ExitStack() as held, suppress(KeyboardInterrupt):
        listening = held.enter_context(_listening(listen))
        if listen.workers == 1:
            uvicorn.Server(config).run([listening])
        else:
            os.environ[FOLDER] = held.enter_context(tempfile.TemporaryDirectory(prefix="liandong-"))
            workers = Multiprocess(config, [listening])
            for end in (signal.SIGTERM, signal.SIGINT):  # at once, also while a worker begins
                signal.signal(end, signal.default_int_handler)
            try:
                workers.run()
            finally:
                workers.terminate_all()
                workers.join_all()


def _app(
    location: str, lang: "Literal['zh', 'en'] | None", actor: str | None, *, login: bool
) -> ASGIApp:
    """Make the application; in each worker, which loads what it needs when it says it lives."""
    from liandong.service.app import create_app

    app = create_app(location, lang=lang, actor=actor, login=login)
    # Who collects garbage need not go over what stays for good: that held requests up for 150 ms.
    gc.collect()
    gc.freeze()
    return app


@contextmanager
def _listening(listen: Listen) -> Iterator[socket.socket]:
    """Listen at an address or in the file system until the block ends."""
    if listen.path is None:
        taken = _Each.at if listen.workers > 1 and sys.platform == "linux" else port_taken
        with taken(listen.port, listen.host) as found:
            yield found
        return
    with path_taken(listen.path) as found:
        try:
            yield found
        finally:
            listen.path.unlink(missing_ok=True)


class _Each(socket.socket):
    """A place where each process that is given it listens by itself; Linux deals callers out.

    Of those who share one socket, whoever wakes first takes all who call at that moment.
    """

    @classmethod
    def at(cls, port: int, host: str) -> "_Each":
        """Take a port, of which each process gets a part; UsageError if it is not free."""
        with port_taken(port, host, open_now=False) as free:  # others who would share it, too
            family, place = free.family, free.getsockname()
        return cls._bound(family, place)

    @classmethod
    def _bound(cls, family: int, place: tuple[object, ...]) -> "_Each":
        found = cls(family)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        found.bind(place)
        return found

    def __reduce__(self) -> tuple[object, ...]:
        return _Each._bound, (int(self.family), self.getsockname())


def path_taken(path: Path) -> socket.socket:
    """Return a socket in the file system, which the group of its owner may use, too.

    Raises
    ------
    UsageError
        If somebody listens there already, or none can be made there.
    """
    found = socket.socket(socket.AF_UNIX)
    try:
        if path.is_socket():
            with suppress(ConnectionRefusedError), socket.socket(socket.AF_UNIX) as other:
                other.connect(str(path))
                raise OSError  # noqa: TRY301 - somebody answers
            path.unlink()  # left by a process that was killed
        found.bind(str(path))
        path.chmod(0o660)
        found.listen()
    except OSError as error:
        found.close()
        what = both("fault.socket", path=path)
        raise UsageError(what=what, remedy=both("advice.socket")) from error
    return found


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

    from liandong.service.heads import Heads

    config = uvicorn.Config(
        app, http=http or Heads, ws="none", log_level="warning", access_log=False,
        server_header=False, proxy_headers=False,
    )  # fmt: skip
    return uvicorn.Server(config)


def port_taken(port: int, host: str = "127.0.0.1", *, open_now: bool = True) -> socket.socket:
    """Return a socket at a port of this machine only.

    Parameters
    ----------
    port, host
        Which; an address or a name.
    open_now
        Whether callers may connect already, and wait for their answers.

    Raises
    ------
    UsageError
        If the port is not free.
    """
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
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
