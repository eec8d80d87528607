"""Watch: risk seen early, with its evidence."""

from liandong.watch.invoice_drop import InvoiceDropRule, invoice_drop
from liandong.watch.language import Judgement
from liandong.watch.screening.index import Match, NameIndex
from liandong.watch.screening.screen import ScreenRule, on_lists, screen
from liandong.watch.signals.changes import ChangeRule, PortfolioRule
from liandong.watch.signals.events import events
from liandong.watch.signals.graded import Graded
from liandong.watch.signals.portfolio import portfolio
from liandong.watch.signals.rules import (
    AccountUseRule,
    CirculationRule,
    CustomersRule,
    FundReturnRule,
    GuaranteesRule,
    InvoiceChangeRule,
    JudicialRule,
    OverdueRule,
    RegistryRule,
    SignalsRule,
    StaffDropRule,
    TaxDropRule,
    UtilityDropRule,
)
from liandong.watch.signals.step import signals
from liandong.watch.windows.rules import Where, Window, WindowsRule
from liandong.watch.windows.step import windows
from liandong.watch.windows.stream import Event, WindowStream

__all__ = [
    "AccountUseRule",
    "ChangeRule",
    "CirculationRule",
    "CustomersRule",
    "Event",
    "FundReturnRule",
    "Graded",
    "GuaranteesRule",
    "InvoiceChangeRule",
    "InvoiceDropRule",
    "Judgement",
    "JudicialRule",
    "Match",
    "NameIndex",
    "OverdueRule",
    "PortfolioRule",
    "RegistryRule",
    "ScreenRule",
    "SignalsRule",
    "StaffDropRule",
    "TaxDropRule",
    "UtilityDropRule",
    "Where",
    "Window",
    "WindowStream",
    "WindowsRule",
    "events",
    "invoice_drop",
    "on_lists",
    "portfolio",
    "screen",
    "signals",
    "windows",
]
