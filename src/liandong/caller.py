"""Who asks the service for something, and how much of a board he may see."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

Rows = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
"""Any of these: prefixes of region codes, and ids of institutions; both fit where given."""


Scope = frozenset[str] | None
"""Actions that a token is for; None for all that somebody may do."""


@dataclass(frozen=True)
class Sight:
    """Which rows somebody sees, and whether personal data are masked; nothing is left out of all.

    Attributes
    ----------
    rows
        What he may see. None: everything. Empty: nobody has given him ``board.read``.
    masked
        Whether personal data are masked.
    purpose, until
        For what personal data are shown to him, and how long; who sees the same shares the rest.
    """

    rows: Rows | None = None
    masked: bool = False
    purpose: str = field(default="", compare=False)
    until: datetime | None = field(default=None, compare=False)


READ = "board.read"
"""What it takes to see a board, where the list of powers names anybody for it."""
EVERYTHING = Sight()
"""What whoever owns the machine sees."""


@dataclass(frozen=True)
class Caller:
    """Who makes a request.

    Attributes
    ----------
    actor
        Under which name he acts: written into runs and acts, and looked up in the list of powers.
    sight
        How much he sees.
    how
        How it is known who he is: ``machine`` (whoever serves the board), ``session`` or ``token``.
        ``nobody`` where nobody has to log in, such as to log in.
    scope
        See :func:`covers`.
    ticket
        What forms of his session carry, so that no other site can send them; empty without one.
    """

    actor: str
    sight: Sight = field(default=EVERYTHING)
    how: str = "machine"
    scope: Scope = None
    ticket: str = ""


NOBODY = Caller("", Sight(rows=()), "nobody", frozenset())
"""Who has not logged in: sees nothing, and does nothing."""


def covers(scope: Collection[str] | None, action: str) -> bool:
    """Tell whether a scope has an action, by its name or by ``beginning.*``.

    Examples
    --------
    >>> covers({"read", "case.*"}, "case.work"), covers({"read"}, "case.work"), covers(None, "x")
    (True, False, True)
    """
    whole = (*(action[: i + 1] + "*" for i, c in enumerate(action) if c == "."), action)
    return scope is None or any(name in scope for name in whole)
