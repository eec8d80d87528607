"""Keeping secrets where others could read them: encrypted by the key of the settings."""

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from liandong.config import Settings, secret_of
from liandong.errors import UsageError
from liandong.texts import both

SHORTEST = 32
"""Characters of a key."""
NAME = "LIANDONG_SECRET_KEY_FILE"


class Seal:
    """Encrypts what only the service shall read again, each purpose by a key of its own.

    Parameters
    ----------
    settings
        Where the key is; it is looked for when it is first needed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def check(self) -> None:
        """Raise a UsageError if there is no key, or a short one."""
        self._by("")

    def shut(self, purpose: str, **said: object) -> str:
        """Encrypt what is said.

        Raises
        ------
        UsageError
            If there is no key, or a short one.
        """
        return self._by(purpose).encrypt(json.dumps(said).encode()).decode()

    def open(self, purpose: str, sealed: str, ttl: int | None = None) -> dict[str, Any] | None:
        """Return what was said for a purpose; None if it was not, or longer ago than ``ttl``."""
        try:
            found: dict[str, Any] = json.loads(self._by(purpose).decrypt(sealed.encode(), ttl))
        except InvalidToken:
            return None
        return found

    def _by(self, purpose: str) -> Fernet:
        key = self._settings.secret_key or secret_of(self._settings.secret_key_file, NAME)
        if len(key) < SHORTEST:
            what = both("fault.secret_key", name=NAME, least=SHORTEST)
            raise UsageError(what=what, remedy=both("advice.setting"))
        derived = HKDF(SHA256(), 32, salt=None, info=f"liandong {purpose}".encode())
        return Fernet(base64.urlsafe_b64encode(derived.derive(key.encode())))
