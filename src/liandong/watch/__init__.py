"""Watch: risk seen early, with its evidence."""

from liandong.watch.invoice_drop import InvoiceDropRule, invoice_drop

__all__ = ["InvoiceDropRule", "invoice_drop"]
