"""What a sink wants to be told: warnings or alerts, how grave, which changes, in which words."""

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urldefrag

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from liandong.errors import UsageError
from liandong.schema.tables.alerts import CHANGES
from liandong.schema.tables.warnings import LEVELS
from liandong.texts import both

Told = Literal["alerts", "warnings"]
TOLD: tuple[Told, ...] = ("alerts", "warnings")
_MANY = ("send", "changes", "lang")


class Wanted(BaseModel):
    """What one sink wants to be told.

    Attributes
    ----------
    send
        Changes of alerts, or warnings as they are said, or both, each at its own pace.
    level
        Nothing milder.
    changes
        Which changes of alerts.
    lang
        Languages of the reasons.

    Examples
    --------
    >>> wanted_of("https://desk.example/hook#level=red&lang=en")[1].level
    'red'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    send: Annotated[tuple[Told, ...], Field(min_length=1)] = ("alerts",)
    level: Literal["yellow", "orange", "red"] = "yellow"
    changes: tuple[
        Literal["opened", "escalated", "warned", "cooling", "closed", "amended", "withdrawn"], ...
    ] = ("opened", "escalated", "closed", "amended", "withdrawn")
    lang: tuple[Literal["zh", "en"], ...] = ("zh", "en")

    def grave(self, level: str | None) -> bool:
        """Tell whether it is told of a level; what is taken back (None) always is."""
        return level is None or LEVELS.index(level) >= LEVELS.index(self.level)

    def wants(self, change: dict[str, Any]) -> bool:
        """Tell whether it is told of a row of ``alert_change``."""
        return change["change"] in self.changes and self.grave(change["level"])


def wanted_of(address: str) -> tuple[str, Wanted]:
    """Return the address of a sink, and what is wanted there: the part after ``#``.

    Raises
    ------
    UsageError
        If it names what there is not; the remedy says what there is.
    """
    plain, given = urldefrag(address)
    try:
        pairs = parse_qsl(given, keep_blank_values=True, strict_parsing=True) if given else []
        found = {n: tuple(v.split(",")) if n in _MANY else v for n, v in pairs}
        return plain, Wanted.model_validate(found)
    except (ValidationError, ValueError) as error:
        remedy = both("advice.sink_wants", told=", ".join(TOLD), levels=", ".join(LEVELS),
                      changes=", ".join(CHANGES))  # fmt: skip
        raise UsageError(what=both("fault.sink_wants", given=given), remedy=remedy) from error
