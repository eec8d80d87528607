"""Serving a board on this machine."""

from ipaddress import ip_address
from typing import Literal, cast

from liandong.errors import RefusedError
from liandong.texts import both


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
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)


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
