"""Lines of expenses that have something in common: groups, windows, digits and repeats."""
