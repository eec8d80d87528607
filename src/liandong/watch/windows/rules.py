"""Windows as they are declared: what is counted, of which events, over how long."""

import re
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from liandong.errors import UnfitError
from liandong.schema.tables import table
from liandong.step import Rule
from liandong.texts import both

Function = Literal[
    "count", "sum", "mean", "std", "min", "max", "distinct", "velocity", "first", "last",
    "top_share",
]  # fmt: skip
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
YEARS = 10
MICROSECONDS = 1_000_000
COUNTING = ("count", "distinct")
"""Functions that look at no amount."""
MOST_WINDOWS = 256


def micros(span: str) -> int:
    """Return the microseconds of a span such as ``90s``, ``10m``, ``24h`` or ``30d``."""
    return int(span[:-1]) * UNITS[span[-1]] * MICROSECONDS


def _span(text: str) -> str:
    if not re.fullmatch(r"(0|[1-9]\d{0,9})[smhd]", text):
        raise UnfitError(what=both("unfit.span"))
    if micros(text) > micros("366d") * YEARS:
        raise UnfitError(what=both("unfit.span_long", years=YEARS))
    return text


def _long(text: str) -> str:
    if not micros(text):
        raise UnfitError(what=both("unfit.window_empty"))
    return text


Span = Annotated[str, AfterValidator(_span)]
Length = Annotated[Span, AfterValidator(_long)]
LengthOrNone = Annotated[str | None, AfterValidator(lambda text: text and _long(_span(text)))]


class Where(BaseModel):
    """Which events a window looks at; all of them if nothing is said.

    Attributes
    ----------
    kinds, tags
        Those of one of these kinds, and with one of these tags; none means any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def holds(self, kind: str, tag: str | None) -> bool:
        """Tell whether an event of a kind and a tag is one of them."""
        return (not self.kinds or kind in self.kinds) and (not self.tags or tag in self.tags)


class Window(BaseModel):
    """One window: (t - over, t], up to and with the event of time t.

    Attributes
    ----------
    name
        What its values are called: small letters, digits, ``_``.
    fn
        ``count`` of events; ``distinct`` counterparties; ``sum``, ``mean``, ``std`` (of a sample),
        ``min``, ``max``, ``first``, ``last`` of their amounts; ``velocity``, the sum over the sum
        in ``against`` divided by how many times longer that is; ``top_share``, the share of the
        counterparty with the largest sum in the sum.
    over
        Its length: ``90s``, ``10m``, ``24h``, ``365d``.
    against
        The longer window that a velocity is measured by.
    of
        ``amount`` for all functions but ``count`` and ``distinct``. Events without an amount are
        left out.
    by
        Whose events are looked at together.
    where
        Which of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    fn: Function
    over: Length
    against: Length | None = None
    of: Literal["amount"] | None = None
    by: Literal["subject"] = "subject"
    where: Where = Where()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.fn in COUNTING and self.of is not None:
            raise UnfitError(what=both("unfit.window_of", name=self.name, fn=self.fn))
        if self.fn not in COUNTING and self.of is None:
            raise UnfitError(what=both("unfit.window_no_of", name=self.name, fn=self.fn))
        if (self.fn == "velocity") != (self.against is not None):
            raise UnfitError(what=both("unfit.window_against", name=self.name))
        if self.against is not None and micros(self.against) <= micros(self.over):
            raise UnfitError(what=both("unfit.window_longer", name=self.name))
        if self.name in table("watch_event").names:
            raise UnfitError(what=both("unfit.window_field", name=self.name))
        return self

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers."""
        return self.fn not in {"mean", "std", "velocity", "top_share"}


REFERENCE = (
    Window(name="cnt_1h", fn="count", over="1h"),
    Window(name="cnt_24h", fn="count", over="24h"),
    Window(name="sum_24h", fn="sum", over="24h", of="amount"),
    Window(name="max_7d", fn="max", over="7d", of="amount"),
    Window(name="mean_30d", fn="mean", over="30d", of="amount"),
    Window(name="std_30d", fn="std", over="30d", of="amount"),
    Window(name="distinct_30d", fn="distinct", over="30d"),
    Window(name="velocity", fn="velocity", over="24h", against="30d", of="amount"),
)
"""Eight windows that say how busy an account is; the default."""


class WindowsRule(Rule):
    """Which windows to keep, and what time may do.

    Attributes
    ----------
    windows
        The windows; in TOML a ``[[windows]]`` for each.
    late
        An event may be so much older than the newest one before it; later ones are refused.
    ahead
        An event may have happened so long after it was seen; clocks differ.
    leap
        An event may be so much newer than the newest one before it; None: any time.
    since
        Values are written of events from this day on (UTC); None: of all. Windows look back beyond
        it. Only for the step ``watch.windows``.

    Examples
    --------
    >>> rule = WindowsRule.from_toml('''
    ... late = "3d"
    ... [[windows]]
    ... name = "lawsuits_year"
    ... fn = "count"
    ... over = "365d"
    ... where = {kinds = ["lawsuit"]}
    ... ''')
    >>> rule.windows[0].where.kinds
    ('lawsuit',)
    """

    windows: tuple[Window, ...] = Field(default=REFERENCE, min_length=1, max_length=MOST_WINDOWS)
    late: Span = "7d"
    ahead: Span = "10m"
    leap: LengthOrNone = None
    since: date | None = None

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [w.name for w in self.windows]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise UnfitError(what=both("unfit.windows_twice", names=", ".join(twice)))
        return self

    @property
    def kept(self) -> timedelta:
        """How long before the newest event of all an event may still be needed."""
        longest = max(micros(w.against or w.over) for w in self.windows)
        return timedelta(microseconds=longest + micros(self.late))
