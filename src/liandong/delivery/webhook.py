"""Alerts to an address of the web, signed."""

import hashlib
import hmac
import json
import time
import urllib.request

from liandong.delivery.messages import Messages
from liandong.errors import UsageError
from liandong.texts import both

TIMEOUT = 10
"""Seconds to wait for an answer."""


class Webhook:
    """Posts changes of alerts, or warnings, as JSON; any answer of 2xx means that they are taken.

    The header ``X-Liandong-Signature`` is ``t=SECONDS,v1=HEX``: the HMAC-SHA-256 of the seconds, a
    dot and the body, by the secret. ``Idempotency-Key`` is the same whenever the same ones are
    sent, and each of them has its ``id`` or ``warning_id``.

    Parameters
    ----------
    url
        ``http://`` or ``https://``.
    secret
        Known to both sides.
    """

    def __init__(self, url: str, secret: bytes) -> None:
        if not url.startswith(("http://", "https://")):
            raise UsageError(what=both("fault.sink", url=url), remedy=both("advice.sink"))
        if not secret:
            what = both("fault.no_secret")
            raise UsageError(what=what, remedy=both("advice.no_secret"))
        self.name, self._secret = url, secret

    def send(self, messages: Messages) -> None:
        """Post messages; an OSError if they are not taken."""
        told = {messages[0].kind: [m.body for m in messages]}
        body = json.dumps(told, ensure_ascii=False).encode()
        ids = "|".join(m.id for m in messages)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": hashlib.sha256(ids.encode()).hexdigest()[:32],
            "X-Liandong-Signature": signature(body, self._secret, int(time.time())),
        }
        request = urllib.request.Request(self.name, body, headers, method="POST")  # noqa: S310 - checked
        with OPENER.open(request, timeout=TIMEOUT):  # any answer but 2xx is an OSError
            pass


def signature(body: bytes, secret: bytes, seconds: int) -> str:
    """Return the signature of a body sent at a time.

    Examples
    --------
    >>> signature(b"{}", b"secret", 1_800_000_000)[:27]
    't=1800000000,v1=bb707913282'
    """
    signed = f"{seconds}.".encode() + body
    return f"t={seconds},v1={hmac.new(secret, signed, hashlib.sha256).hexdigest()}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Whoever is sent elsewhere would tell somebody else what was meant for one."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


OPENER = urllib.request.build_opener(_NoRedirect)
"""Goes where it is sent and nowhere else."""
