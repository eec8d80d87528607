"""Watch: risk seen early, with its evidence."""

from liandong.watch.invoice_drop import InvoiceDropRule, invoice_drop
from liandong.watch.language import Judgement

__all__ = ["InvoiceDropRule", "Judgement", "invoice_drop"]
