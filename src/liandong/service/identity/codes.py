"""One-time codes by RFC 6238, as the usual apps show them, and codes for when those are lost."""

import base64
import secrets
import time
from dataclasses import dataclass

import pyotp
import segno

from liandong.store.people import fingerprint

ISSUER = "liandong"
RECOVERY = 8
"""How many codes are given for when the app is lost."""
STEP = 30
"""Seconds for which a code holds; clocks may differ by one step."""


@dataclass(frozen=True)
class Enrolment:
    """A new secret, before the person has shown that his app has it.

    Attributes
    ----------
    secret
        In base 32.
    picture
        The QR code that apps read, as SVG.
    """

    secret: str
    picture: str


def enrolment(name: str, secret: str | None = None) -> Enrolment:
    """Return a new secret for somebody, or the picture of one that he has not confirmed yet."""
    secret = secret or pyotp.random_base32()
    uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)
    return Enrolment(secret, segno.make(uri, micro=False).svg_inline(scale=4, light="white"))


def step_of(secret: str, code: str, now: float | None = None) -> int | None:
    """Return the step of time whose code it is: this one or its neighbours; None if of none."""
    here = int((time.time() if now is None else now) // STEP)
    totp = pyotp.TOTP(secret)
    given = code.replace(" ", "")
    steps = (here, here - 1, here + 1)
    return next((s for s in steps if totp.verify(given, for_time=s * STEP)), None)


def recovery_codes() -> list[str]:
    """Return new codes of 80 random bits, in groups that people can copy."""
    found = (base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY))
    return ["-".join(c[i : i + 4] for i in range(0, 16, 4)) for c in found]


def recovery_prints(codes: list[str]) -> list[str]:
    """Return what is kept of recovery codes."""
    return [fingerprint(c) for c in codes]
