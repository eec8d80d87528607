"""Watch: risk seen early, with its evidence."""

from liandong.watch.invoice_drop import InvoiceDropRule, invoice_drop
from liandong.watch.screening.index import Match, NameIndex
from liandong.watch.screening.screen import ScreenRule, on_lists, screen

__all__ = [
    "InvoiceDropRule",
    "Match",
    "NameIndex",
    "ScreenRule",
    "invoice_drop",
    "on_lists",
    "screen",
]
