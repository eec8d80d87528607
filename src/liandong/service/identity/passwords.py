"""Passwords: hashed by Argon2id, as RFC 9106 has it, and held to a few rules."""

from threading import Semaphore

import argon2

from liandong.config import Settings
from liandong.errors import UsageError
from liandong.texts import both

SHORTEST, LONGEST = 12, 200
"""Characters; NIST SP 800-63B asks for no other rules, and for long ones to be let through."""
AT_ONCE = 4
"""How many are checked at a time: each takes the memory that makes guessing dear."""
COMMON = frozenset({
    "123456789012", "1234567890123", "111111111111", "000000000000", "123123123123",
    "112233445566", "987654321012", "password1234", "passwordpassword", "password12345",
    "qwertyuiop12", "qwertyuiop123", "qwerty123456", "1q2w3e4r5t6y", "1qaz2wsx3edc",
    "adminadminadmin", "administrator", "administrator1", "letmeinletmein", "iloveyou1234",
    "welcome12345", "changeme1234", "abcdefghijkl", "abc123456789", "aaaaaaaaaaaa",
    "woaini123456", "woaini1314520", "5201314520131", "liandong1234", "liandongliandong",
})  # fmt: skip
"""The commonest of the allowed lengths."""


class Passwords:
    """Hashes and checks.

    Parameters
    ----------
    settings
        What hashing costs.
    """

    def __init__(self, settings: Settings) -> None:
        self._hasher = argon2.PasswordHasher(
            time_cost=settings.argon2_time, memory_cost=settings.argon2_memory
        )
        self._turns = Semaphore(AT_ONCE)
        self._nobodys = self._hasher.hash("the password of nobody")

    def made(self, name: str, password: str) -> str:
        """Return the hash of a new password.

        Raises
        ------
        UsageError
            If it is too short, too common, or the name.
        """
        plain = password.casefold()
        short = not SHORTEST <= len(password) <= LONGEST
        if short or plain in COMMON or name.casefold() in {plain, plain[::-1]}:
            remedy = both("advice.password", least=SHORTEST, most=LONGEST)
            raise UsageError(what=both("fault.password"), remedy=remedy)
        return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one of a hash; without one, it takes as long to say no."""
        try:
            with self._turns:
                return self._hasher.verify(kept or self._nobodys, password) and kept is not None
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    def again(self, kept: str, password: str) -> str | None:
        """Return another hash of the same password if hashing costs something else by now."""
        return self._hasher.hash(password) if self._hasher.check_needs_rehash(kept) else None
