"""Statements of accounts, and whether the bank's lines say the same as the books."""
