"""What a token may be for: the actions that there are, and the nearest ones to a mistyped one."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from liandong.errors import UsageError
from liandong.govern.versions import AGREEMENT, WATCH
from liandong.schema.sources import SOURCES
from liandong.schema.tables import TABLES
from liandong.step.registry import steps
from liandong.texts import both, catalogue

TWICE = ("propose", "decide")
"""What is asked for and decided on by two people is an action each, by what it is about."""


def need_known(scope: Collection[str], listed: Iterable[str]) -> None:
    """Refuse words that are neither an action, nor ``beginning.*`` of one, nor ``read``.

    Parameters
    ----------
    listed
        The actions of the list of powers.

    Raises
    ------
    UsageError
        If there is such a word, with those that look like it; or no word at all.
    """
    known = _known(listed)
    unknown = [word for word in scope if word not in known]
    if unknown or not scope:
        near = [n for word in unknown for n in get_close_matches(word, known)]
        remedy = both("advice.token_near", near=", ".join(near)) if near else None
        what = both("fault.token_scope", scope=" ".join(unknown) or "–")
        raise UsageError(what=what, remedy=remedy or both("advice.token_scope"))


def _known(listed: Iterable[str]) -> set[str]:
    told = [code.split(".")[1] for code in catalogue() if code.startswith(("deed.", "act."))]
    done = {name.replace("_", ".", 1) for name in told}
    done |= {*steps(), *listed, WATCH.action, AGREEMENT.action}
    done |= {f"{how}.{action}" for how in TWICE for action in done}
    done |= {f"load.{name}" for name in (*SOURCES, *TABLES, "put")}
    begun = {f"{action[:i]}.*" for action in done for i, sign in enumerate(action) if sign == "."}
    # A scope is kept as its words with blanks between.
    return {action for action in done | begun | {"read"} if len(action.split()) == 1} - {*TWICE}
