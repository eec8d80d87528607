"""Alerts by e-mail."""

import hashlib
import json
import smtplib
from email.message import EmailMessage

from liandong.delivery.messages import Message, Messages
from liandong.step.reasons import reason_text
from liandong.texts import text

TIMEOUT = 10
"""Seconds to wait for the server."""


class Mail:
    """Sends a message for each delivery; the same messages have the same ``Message-ID``.

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

    def send(self, messages: Messages) -> None:
        """Hand a message to the server; its errors are errors of the network."""
        message = EmailMessage()
        kind, ids = messages[0].kind, "|".join(m.id for m in messages)
        message["Message-ID"] = f"<{hashlib.sha256(ids.encode()).hexdigest()[:32]}@liandong>"
        message["From"], message["To"] = self._sender, self._to
        message["Subject"] = text(f"mail.{kind}", self._lang, n=len(messages))
        message.set_content("\n".join(self._line(m) for m in messages))
        message.add_attachment(
            json.dumps([m.body for m in messages], ensure_ascii=False, indent=1),
            subtype="json", filename=f"{kind}.json",
        )  # fmt: skip
        with smtplib.SMTP(*self._server, timeout=TIMEOUT) as server:
            server.send_message(message)

    def _line(self, message: Message) -> str:
        body, level = message.body, message.body["level"]
        word = text(f"choice.{level}", self._lang) if level else text("mail.taken_back", self._lang)
        why = "；" if self._lang == "zh" else "; "
        told = {
            "level": word, "subject": message.about, "signal": body["code"], "id": message.id,
            "why": why.join(
                reason_text(r["code"], r["points"], self._lang) for r in body["reasons"]
            ),
        }  # fmt: skip
        if message.kind == "warnings":
            return text("mail.line", self._lang, at=body["at"], evidence=body["evidence"], **told)
        change = text(f"choice.alert_version_change_{body['change']}", self._lang)
        if body["snoozed"]:
            change = text("mail.snoozed", self._lang, change=change)
        return text("mail.change_line", self._lang, change=change, at=body["known_from"], **told)
