"""All steps of liandong, by name."""

from functools import cache
from importlib import import_module

from liandong.errors import NotFoundError
from liandong.step.core import Step

VERBS = ("assess", "match", "settle", "watch", "trace", "survey", "govern")


@cache
def steps() -> dict[str, Step]:
    """Return every public step: what the packages of the verbs list in ``__all__``."""
    found = {}
    for verb in VERBS:
        module = import_module(f"liandong.{verb}")
        for name in module.__all__:
            if isinstance(value := getattr(module, name), Step):
                found[value.name] = value
    return found


def step(name: str) -> Step:
    """Return the step called ``verb.action``; NotFoundError lists the names."""
    if name not in steps():
        raise NotFoundError(kind="step", name=name, remedy=f"Known: {', '.join(sorted(steps()))}")
    return steps()[name]
