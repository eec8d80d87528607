"""What regions make and could make: complexity, opportunities, partners, structure, entry."""

from liandong.survey.structure.complexity import ComplexityRule, complexity
from liandong.survey.structure.entry import EntryRule, entry
from liandong.survey.structure.opportunities import OpportunityRule, opportunities
from liandong.survey.structure.outputs import outputs
from liandong.survey.structure.panel import PanelRule
from liandong.survey.structure.partners import PartnerRule, partners
from liandong.survey.structure.specialisation import SpecialisationRule, specialisation

__all__ = [
    "ComplexityRule",
    "EntryRule",
    "OpportunityRule",
    "PanelRule",
    "PartnerRule",
    "SpecialisationRule",
    "complexity",
    "entry",
    "opportunities",
    "outputs",
    "partners",
    "specialisation",
]
