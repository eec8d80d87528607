"""The rule of a step as a form: a field for each of its values, and back to a rule."""

import re
import types
from collections.abc import Mapping
from datetime import date
from functools import cache
from inspect import getdoc
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from liandong.console.wishes import inline
from liandong.step import Rule, Step
from liandong.step.given import value_of
from liandong.texts import catalogue

LAST = frozenset(Rule.model_fields)
"""What every rule has, and few set."""
PREFIX = "v."
"""Before the names of values in a form."""
_ATTRIBUTES = re.compile(r"Attributes\n-+\n(.*?)(?=\n\w+\n-{3,}|\Z)", re.DOTALL)
_SAID = re.compile(r"^(\S.*)\n((?:[ \n].*\n?)+)", re.MULTILINE)
_ROLE = re.compile(r":\w+:`~?\.?([^`]*)`")
Row = dict[str, Any]


@cache
def said() -> dict[str, str]:
    """Return the Chinese of what docstrings say, by their English."""
    return {t["en"]: t["zh"] for code, t in catalogue().items() if code.startswith("help.")}


@cache
def fields(rule: type[Rule]) -> list[Row]:
    """Return the fields of a rule for a form; those that must be given come first.

    Returns
    -------
    list
        With ``name``, ``shape`` (``text``, ``date``, ``choice`` or ``toml``), ``choices``,
        ``default`` as it is written, ``required``, and ``help`` by language.
    """
    told = helps(rule)
    found = [_field(rule, n, told.get(n, "")) for n in rule.model_fields]
    return sorted(found, key=lambda f: (not f["required"], f["shape"] == "toml", f["name"] in LAST))


def _field(rule: type[Rule], name: str, told: str) -> Row:
    info = rule.model_fields[name]
    kind = _kind(info.annotation)
    choices = [str(c) for c in get_args(kind)] if get_origin(kind) is Literal else []
    if kind is bool:
        choices = ["true", "false"]
    shape = "choice" if choices else "date" if kind is date else "text"
    if not choices and (get_origin(kind) is not None or _is_model(kind)):
        shape = "toml"
    return {
        "name": name, "shape": shape, "choices": choices, "required": info.is_required(),
        "default": _written(rule, name, info), "help": {"zh": said().get(told, told), "en": told},
    }  # fmt: skip


def _kind(annotation: Any) -> Any:  # noqa: ANN401 - any type at all
    """Return a type without ``| None``."""
    if get_origin(annotation) in {Union, types.UnionType}:
        rest = [a for a in get_args(annotation) if a is not type(None)]
        return rest[0] if len(rest) == 1 else annotation
    return annotation


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _written(rule: type[Rule], name: str, info: FieldInfo) -> str:
    """Return the default of a field as somebody would write it."""
    if info.is_required():
        return ""
    default = rule.model_construct(**{name: info.get_default(call_default_factory=True)})
    plain = default.model_dump(mode="json", include={name}, exclude_none=True).get(name)
    if not plain and plain != 0:
        return ""
    return plain if isinstance(plain, str) else inline(plain)


def helps(rule: type[Rule]) -> dict[str, str]:
    """Return what the docstrings of a rule and its bases say of each field."""
    found: dict[str, str] = {}
    for base in reversed(rule.__mro__):
        text = getdoc(base) or "" if issubclass(base, Rule) else ""
        for names, about in _SAID.findall("".join(_ATTRIBUTES.findall(text))):
            words = " ".join(_ROLE.sub(r"\1", about).replace("``", "").split())
            found.update(dict.fromkeys(re.split(r",\s*", names), words))
    return found


def values_of(step: Step, given: Mapping[str, str]) -> Row:
    """Return the values that a form says; what is left empty is not among them."""
    known = step.rule.model_fields
    wanted = {n: given.get(PREFIX + n, "").strip() for n in known}
    return {n: value_of(word) for n, word in wanted.items() if word}
