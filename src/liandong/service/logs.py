"""The log of the service: one line for each request, as JSON or for people.

It names the route and never the address: what somebody looked for, and whose page it was, stays
out.
"""

import json
import logging
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

Form = Literal["json", "text"]
REQUESTS = logging.getLogger("liandong.request")
"""Where each request has its line."""
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered."""
TRACE_ID: ContextVar[str] = ContextVar("trace_id", default="")


class AsJson(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return json.dumps(_fields(self, record), ensure_ascii=False, default=str)


class AsText(logging.Formatter):
    """Writes a record as one line for people; what callers sent cannot begin another one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = _fields(self, record)
        at, level, said = fields.pop("time"), fields.pop("level"), fields.pop("message")
        fields.pop("logger")
        trouble = fields.pop("exception", "")
        told = " ".join(f"{n}={v}" for n, v in fields.items())
        line = _plain(f"{at} {level:7} {said} {told}".rstrip())
        return f"{line}\n{trouble}" if trouble else line


def _fields(formatter: logging.Formatter, record: logging.LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.created, UTC)
    found = {
        "time": at.isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
        "request_id": REQUEST_ID.get(),
        "trace_id": TRACE_ID.get(),
        **getattr(record, "about", {}),
    }
    if record.exc_info:
        found["exception"] = formatter.formatException(record.exc_info)
    return {n: v for n, v in found.items() if v not in {"", None}}


def _plain(text: str) -> str:
    """Return a text with everything that is not printed written out."""
    if text.isprintable():  # as nearly all are
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def config(form: Form) -> dict[str, Any]:
    """Return the configuration of :mod:`logging` for a process that serves.

    Parameters
    ----------
    form
        ``json``: for programs that collect logs; ``text``: for people.
    """
    kind = AsJson if form == "json" else AsText
    level = {"handlers": ["out"], "level": "INFO", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": kind}},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {"liandong": level, "uvicorn": level | {"level": "WARNING"}},
        "root": {"handlers": ["out"], "level": "WARNING"},
    }


def told(about: dict[str, Any], began: float) -> None:
    """Write the line of a request.

    Parameters
    ----------
    about
        Method, route, status, bytes and actor.
    began
        When it came, by :func:`time.monotonic`.
    """
    level = logging.ERROR if about["status"] >= 500 else logging.INFO
    ms = round((time.monotonic() - began) * 1000, 1)
    REQUESTS.log(level, "request", extra={"about": about | {"ms": ms}})
