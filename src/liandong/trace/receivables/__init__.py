"""Receivables: vouchers and their lots, what is pledged twice, and trade in a circle."""
