"""Rules: frozen typed parameters, read from TOML, hashed, with a validity period."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any, Self

import tomli_w
from pydantic import BaseModel, ConfigDict, ValidationError

from liandong.errors import UnfitError, UsageError
from liandong.texts import LANGUAGES, both, catalogue, text, unread


class Rule(BaseModel):
    """Base of all rules; subclasses only declare fields with defaults.

    Attributes
    ----------
    valid_from, valid_to
        When the rule holds; None means without bound.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    valid_from: date | None = None
    valid_to: date | None = None

    @classmethod
    def kind(cls) -> str:
        """Name of the kind of rule, as kept in the ``rule`` table."""
        return cls.__name__

    @classmethod
    def make(cls, **values: Any) -> Self:  # noqa: ANN401 - pydantic checks them
        """Build a rule; a wrong or unknown value is a UsageError that names it."""
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(p) for p in first["loc"]) or cls.__name__
            known = ", ".join(sorted(cls.model_fields))
            raise UsageError(
                what=both("fault.rule_value", where=where, why=complaint(first)),
                remedy=both("advice.takes", names=known),
            ) from error

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Read a rule; errors name the line or the field."""
        try:
            return cls.make(**tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            what = both("fault.rule_toml", why=unread(error))
            raise UsageError(what=what, remedy=both("advice.rule_toml")) from error

    def changed(self, **values: object) -> Self:
        """Return a copy with some values changed, checked again."""
        return self.make(**{**self.model_dump(), **values})

    def plain(self) -> dict[str, Any]:
        """Return the values as plain TOML types, without those that are None."""
        dumped: dict[str, Any] = json.loads(self.model_dump_json(exclude_none=True))
        return dumped

    def to_toml(self) -> str:
        """Write the rule so that :meth:`from_toml` reads the same rule."""
        # A rule that has nothing to set is a text as well, and not one that is missing.
        return tomli_w.dumps(self.plain()) or "# nothing to set\n"

    @property
    def id(self) -> str:
        """Content hash: the same values have the same id everywhere."""
        return _id(self.kind(), self.plain())

    def row(self) -> dict[str, Any]:
        """Return the row of the table ``rule`` that keeps it, as long as no run names itself."""
        row = {"rule_id": self.id, "kind": self.kind(), "toml": self.to_toml()}
        return {**row, "valid_from": self.valid_from, "valid_to": self.valid_to, "run_id": None}

    def holds_on(self, day: date) -> bool:
        """Tell whether the rule is in force on ``day``."""
        after = self.valid_from is None or self.valid_from <= day
        return after and (self.valid_to is None or day <= self.valid_to)


def complaint(fault: Mapping[str, Any]) -> dict[str, str]:
    """Return what pydantic says is wrong with a value; in Chinese, too, as far as there are words.

    Parameters
    ----------
    fault
        One of ``ValidationError.errors()``.
    """
    about = fault.get("ctx", {})
    ours = about.get("error")
    if isinstance(ours, UnfitError):
        return {lang: ours.text(lang).rstrip("。.") for lang in LANGUAGES}
    if isinstance(ours, Exception):
        return dict.fromkeys(LANGUAGES, str(ours))
    return {"zh": worded(fault, "zh"), "en": fault["msg"]}


def worded(fault: Mapping[str, Any], lang: str) -> str:
    """Return what is wrong with a value in our own words; for want of any the kind of fault.

    Parameters
    ----------
    fault
        One of ``ValidationError.errors()``.
    """
    code = f"unfit.{fault['type']}"
    about = {"at": fault["loc"][-1] if fault["loc"] else "", **fault.get("ctx", {})}
    if names := re.findall("'([^']*)'", str(about.get("expected", ""))):
        about["expected"] = {"zh": "、", "en": ", "}[lang].join(names)
    if code in catalogue():
        return text(code, lang, **about)
    return text("unfit.other", lang, why=fault["type"])


def content_id_of(kind: str, toml: str) -> str:
    """Return the id that a rule of this kind and text has; text that is not TOML has none."""
    try:
        return _id(kind, tomllib.loads(toml))
    except tomllib.TOMLDecodeError:
        return ""


def _id(kind: str, plain: dict[str, Any]) -> str:
    body = json.dumps([kind, plain], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(body.encode()).hexdigest()[:16]


class NoRule(Rule):
    """The rule of a step that has no parameters."""
