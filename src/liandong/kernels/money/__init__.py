"""Money in accounts: lots, shares, books."""
