"""Serving a board on this machine."""

from ipaddress import ip_address
from typing import Literal, cast

from liandong.errors import RefusedError


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
            actor=host, action="serve",
            reason_zh="目前无需登录，只能在本机地址（127.0.0.1）提供服务；远程访问请用 SSH 隧道",
            reason="nobody has to log in yet, so only this machine (127.0.0.1) is served; "
            "use an SSH tunnel from elsewhere",
        )  # fmt: skip
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
