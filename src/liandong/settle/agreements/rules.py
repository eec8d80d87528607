"""Agreements as a rule: their texts, and which of the declared parties is whom."""

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from liandong.errors import AgreementError, UnfitError
from liandong.settle.agreements.checking import read
from liandong.settle.agreements.nodes import Agreement
from liandong.step import Rule
from liandong.texts import LANGUAGES, both


class Signed(BaseModel):
    """One agreement.

    Attributes
    ----------
    name
        What it is called; part of the ids of its entries.
    text
        In the split language.
    parties
        Who the names of the text are: party or region ids. A name without one stands for itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    text: str
    parties: dict[str, str] = {}

    @model_validator(mode="after")
    def _possible(self) -> Self:
        try:
            read(self.text)
        except AgreementError as error:
            raise UnfitError(what={lang: error.text(lang) for lang in LANGUAGES}) from error
        if len(set(self.parties.values())) < len(self.parties):
            raise UnfitError(what=both("unfit.party_twice"))
        return self

    def read(self) -> Agreement:
        """Return the agreement that the text says."""
        return read(self.text)


class AgreementRule(Rule):
    """Agreements in force.

    Attributes
    ----------
    agreements
        Each with a name of its own.
    """

    agreements: tuple[Signed, ...] = ()

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [a.name for a in self.agreements]
        if len(set(names)) < len(names):
            raise UnfitError(what=both("unfit.agreement_twice"))
        return self
