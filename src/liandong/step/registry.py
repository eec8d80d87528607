"""All steps of liandong, by name."""

from functools import cache
from importlib import import_module

from liandong.errors import NotFoundError
from liandong.step.core import Step
from liandong.texts import both

VERBS = ("assess", "match", "settle", "watch", "trace", "survey", "govern")


@cache
def _of(verb: str) -> dict[str, Step]:
    """Return the public steps of one verb: what its package lists in ``__all__``."""
    module = import_module(f"liandong.{verb}")
    found = (getattr(module, name) for name in module.__all__)
    return {s.name: s for s in found if isinstance(s, Step)}


def steps() -> dict[str, Step]:
    """Return every public step."""
    return {name: s for verb in VERBS for name, s in _of(verb).items()}


def step(name: str) -> Step:
    """Return the step called ``verb.action``; NotFoundError lists the names."""
    verb = name.partition(".")[0]
    found = _of(verb).get(name) if verb in VERBS else None  # the other verbs stay unloaded
    if found is None:
        remedy = both("advice.known", known=", ".join(sorted(steps())))
        raise NotFoundError(kind=both("kind.step"), name=name, remedy=remedy)
    return found
