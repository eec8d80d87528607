"""Warnings by e-mail."""

import hashlib
import json
import smtplib
from email.message import EmailMessage

from liandong.delivery.outbox import Warnings, plain
from liandong.texts import text

TIMEOUT = 10
"""Seconds to wait for the server."""


class Mail:
    """Sends a message for each delivery; the same warnings have the same ``Message-ID``.

    Parameters
    ----------
    host, port
        The server that takes mail.
    sender, to
        Addresses.
    lang
        Language of subject and lines.
    """

    def __init__(self, host: str, port: int, sender: str, to: str, lang: str = "zh") -> None:
        self._server, self._sender, self._to, self._lang = (host, port), sender, to, lang
        self.name = f"mailto:{to}"

    def send(self, warnings: Warnings) -> None:
        """Hand a message to the server; its errors are errors of the network."""
        message = EmailMessage()
        ids = "|".join(w["warning_id"] for w in warnings)
        message["Message-ID"] = f"<{hashlib.sha256(ids.encode()).hexdigest()[:32]}@liandong>"
        message["From"], message["To"] = self._sender, self._to
        message["Subject"] = text("mail.warnings", self._lang, n=len(warnings))
        message.set_content("\n".join(self._line(w) for w in warnings))
        message.add_attachment(
            json.dumps([plain(w) for w in warnings], ensure_ascii=False, indent=1),
            subtype="json", filename="warnings.json",
        )  # fmt: skip
        with smtplib.SMTP(*self._server, timeout=TIMEOUT) as server:
            server.send_message(message)

    def _line(self, warning: dict[str, object]) -> str:
        said = {n: warning[n] for n in ("subject_id", "evidence", "warning_id")}
        level = warning["level"]
        word = text(f"choice.{level}", self._lang) if level else text("mail.taken_back", self._lang)
        told = {"level": word, "at": warning["at"], "signal": warning["code"], **said}
        return text("mail.line", self._lang, **told)
