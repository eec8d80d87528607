"""Why a firm has its score: points against the best and the usual, and what would lift it."""
