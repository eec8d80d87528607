"""Graph features of transfers and accounts."""
