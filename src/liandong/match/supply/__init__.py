"""Supply-chain finance: receivables as projects, and no invoice pledged twice."""
