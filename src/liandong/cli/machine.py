"""A machine looked over: whether liandong runs well on it."""

import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from urllib.request import urlopen

import liandong
from liandong.config import settings_now
from liandong.errors import UsageError
from liandong.service.serve import port_taken
from liandong.store.checkup import Finding
from liandong.texts import both

OLDEST = (3, 11)
SECONDS = 3
"""How long whoever logs people in may take to answer."""


def machine(port: int) -> Iterator[Finding]:
    """Look this machine over.

    Parameters
    ----------
    port
        One that shall be free; 0: none.
    """
    now = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info < OLDEST
    yield Finding("python", "fail" if old else "ok", both("found.python", version=now))
    yield _packages()
    yield _numba()
    pdf = importlib.util.find_spec("reportlab") is not None
    yield Finding("font", "ok" if pdf else "warn", both("found.font" if pdf else "found.font_none"))
    yield from _secrets()
    yield _hosts()
    issuer = dict(settings_now()).get("oidc_issuer")
    if issuer:
        yield single_sign_on(issuer)
    if port:
        yield _port(port)


def _packages() -> Finding:
    """Hold what is installed against what the package asks for."""
    from packaging.requirements import Requirement

    off, count = [], 0
    for line in requires("liandong") or []:
        asked = Requirement(line)
        if asked.marker and not asked.marker.evaluate({"extra": ""}):
            continue
        count += 1
        try:
            fits = version(asked.name) in asked.specifier
        except PackageNotFoundError:
            fits = False
        if not fits:
            off.append(str(asked))
    said = both("found.packages_off", names=", ".join(off)) if off else None
    return Finding("packages", "fail" if off else "ok", said or both("found.packages", count=count))


def _numba() -> Finding:
    """Look whether the kernels were compiled: numba keeps that beside them, or where it is told."""
    home = os.environ.get("NUMBA_CACHE_DIR") or str(Path(liandong.__path__[0]) / "kernels")
    count = sum(1 for _ in Path(home).rglob("*.nbi"))
    said = both("found.numba", count=count) if count else both("found.numba_cold")
    return Finding("numba", "ok" if count else "warn", said)


def _secrets() -> Iterator[Finding]:
    """Look who may read the files with secrets that the settings name."""
    named = [v for n, v in settings_now() if n == "log_key" or n.endswith("_file")]
    for path in (Path(v) for v in named if v):
        about = {"path": str(path)}
        if not path.exists():
            yield Finding("secret", "fail", both("found.secret_none", **about), about)
            continue
        shut = not path.stat().st_mode & 0o077
        said = both("found.secret" if shut else "found.secret_open", **about)
        yield Finding("secret", "ok" if shut else "fail", said, about)


def _hosts() -> Finding:
    settings = settings_now()
    if "*" in settings.proxies:
        return Finding("hosts", "fail", both("found.hosts_open"))
    hosts, proxies = (", ".join(w) or "–" for w in (settings.hosts, settings.proxies))
    said = both("found.hosts", hosts=hosts, proxies=proxies)
    return Finding("hosts", "warn" if settings.hosts and not settings.proxies else "ok", said)


def single_sign_on(issuer: str) -> Finding:
    """Ask a provider of OpenID Connect for what it says of itself.

    Parameters
    ----------
    issuer
        Its address.
    """
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        if not address.startswith(("https://", "http://")):
            raise ValueError(issuer)  # noqa: TRY301 - told below
        with urlopen(address, timeout=SECONDS) as answer:  # noqa: S310 - looked at just now
            said = json.load(answer).get("issuer")
        if said != issuer:
            raise ValueError(said)  # noqa: TRY301 - told below
    except (OSError, ValueError) as error:
        said = both("found.sign_on_none", issuer=issuer, why=error)
        return Finding("sign_on", "fail", said)
    return Finding("sign_on", "ok", both("found.sign_on", issuer=issuer))


def _port(port: int) -> Finding:
    try:
        port_taken(port).close()
    except UsageError:
        return Finding("port_free", "fail", both("fault.port", port=port))
    return Finding("port_free", "ok", both("found.port", port=port))
