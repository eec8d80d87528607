"""Data assets: what they are worth to a lender, limits on them, pledges and their cover."""
