"""One frozen set of settings, read from the environment (``LIANDONG_…``)."""

import getpass
import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from liandong import __version__
from liandong.errors import NotFoundError, UsageError
from liandong.texts import both


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without an entry for its user id
        return f"uid-{os.getuid()}"


def _words(given: object) -> object:
    return tuple(given.replace(",", " ").split()) if isinstance(given, str) else given


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
"""Words with commas or spaces between them."""


def _read(given: object) -> object:
    return json.loads(given or "{}") if isinstance(given, str) else given


Posts = Annotated[dict[str, Words], NoDecode, BeforeValidator(_read)]
"""Roles and posts by group, in JSON."""


class Settings(BaseSettings):
    """What may be set from outside; arguments of a call win over it.

    Attributes
    ----------
    actor
        Who acts; the user of the machine by default.
    lang
        Language of messages.
    workers
        Threads or processes of the local engine.
    lake
        Folder of the lake of a board whose books are in PostgreSQL.
    log_key
        File with the key that signs the log of acts.
    webhook_secret
        Signs what a watch sends to addresses of the web.
    imports
        Folder whose files and folders may be loaded over HTTP by their names; none without it.
    upload_mb
        Most megabytes of a file that is handed in over HTTP.
    requests_per_minute
        Most requests of a person to a worker in a minute, where people log in; 0: any number.
    hosts
        Names under which the service is reached, beside those of the machine itself.
    proxies
        Addresses or networks of reverse proxies, whose word is taken for who asks, and how.
    metrics_token
        Opens ``/metrics`` to others than this machine, as a bearer token.
    disk_floor
        Megabytes that must be free for the service to call itself ready.
    url
        Address by which browsers know the service, such as ``https://credit.example``.
    session_idle, session_longest
        Minutes without a request, and in all, after which somebody has to log in again.
    argon2_memory, argon2_time
        What hashing a password costs: KiB, and passes over them.
    secret_key, secret_key_file
        At least 32 characters, or a file of them: encrypts the secrets of one-time codes, and what
        a browser keeps while it is at a provider of identities.
    oidc_issuer, oidc_client, oidc_secret_file
        Provider of identities, as whom it knows the service, and a file with the secret for that.
    oidc_claim
        Which claim of the provider is the name of a person.
    oidc_scope
        What the provider is asked for: some tell groups only for a scope of their own.
    oidc_groups
        Which claim of the provider lists the groups of a person.
    oidc_posts
        Roles and posts by group, in JSON, such as ``{"credit-hk": "role:clerk post:hk"}``.
    oidc_known_only
        Whether only people who were added before may come from the provider.
    """

    model_config = SettingsConfigDict(env_prefix="LIANDONG_", frozen=True)

    actor: str = Field(default_factory=_who)
    lang: Literal["zh", "en"] = "en"
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    lake: Path | None = None
    log_key: Path | None = None
    webhook_secret: str = Field(default="", repr=False)
    imports: Path | None = None
    upload_mb: int = Field(default=200, ge=1)
    requests_per_minute: int = Field(default=6_000, ge=0)
    hosts: Words = ()
    proxies: Words = ()
    metrics_token: str = Field(default="", repr=False)
    disk_floor: int = Field(default=512, ge=0)
    url: str = ""
    session_idle: float = Field(default=30, gt=0)
    session_longest: float = Field(default=12 * 60, gt=0)
    argon2_memory: int = Field(default=64 * 1024, ge=8)
    argon2_time: int = Field(default=3, ge=1)
    secret_key: str = Field(default="", repr=False)
    secret_key_file: Path | None = None
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret_file: Path | None = None
    oidc_claim: str = "preferred_username"
    oidc_scope: str = "openid profile"
    oidc_groups: str = "groups"
    oidc_posts: Posts = {}
    oidc_known_only: bool = False

    def importable(self, name: str) -> Path:
        """Return the file or folder of this name in the folder of imports.

        Raises
        ------
        NotFoundError
            If there is no such folder, or nothing of this name directly in it.
        """
        # Compared with what is there: no name, however written, leads out of the folder.
        for path in self.importables():
            if path.name == name:
                return path
        raise NotFoundError(kind=both("kind.import"), name=name, remedy=both("advice.imports"))

    def importables(self) -> list[Path]:
        """Return what lies in the folder of imports, by name."""
        folder = self.imports
        return sorted(folder.iterdir()) if folder is not None and folder.is_dir() else []


def secret_of(file: Path | None, name: str) -> str:
    """Return the secret in the file that a setting names; UsageError if there is none."""
    try:
        found = file.read_text("utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError) as error:
        what = both("fault.setting", name=name, why=error)
        raise UsageError(what=what, remedy=both("advice.setting")) from error
    if not found:
        raise missing(name)
    return found


def missing(name: str) -> UsageError:
    """Return the error that a setting is needed and was not made."""
    remedy = both("advice.setting_missing")
    return UsageError(what=both("fault.setting_missing", name=name), remedy=remedy)


def settings_now() -> Settings:
    """Return the settings of this moment; a wrong one is a UsageError that names it."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"LIANDONG_{first['loc'][0]}".upper()
        what = both("fault.setting", name=name, why=first["msg"])
        raise UsageError(what=what, remedy=both("advice.setting")) from error


@cache
def code_version() -> str:
    """Return the version with a hash of the package's source: what really ran."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:8]}"
