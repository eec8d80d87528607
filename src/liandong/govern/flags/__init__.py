"""Red flags over spending and procurement: rows that somebody should look at, and how many."""
