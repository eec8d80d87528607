"""Double entries in order: counters, limits, reservations, linked groups."""
