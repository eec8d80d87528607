"""Survey: regions seen whole, with honest numbers."""

from liandong.survey.gap import GapRule, gap
from liandong.survey.structure import (
    ComplexityRule,
    EntryRule,
    OpportunityRule,
    PanelRule,
    PartnerRule,
    SpecialisationRule,
    complexity,
    entry,
    opportunities,
    outputs,
    partners,
    specialisation,
)

__all__ = [
    "ComplexityRule",
    "EntryRule",
    "GapRule",
    "OpportunityRule",
    "PanelRule",
    "PartnerRule",
    "SpecialisationRule",
    "complexity",
    "entry",
    "gap",
    "opportunities",
    "outputs",
    "partners",
    "specialisation",
]
