"""Data shared in order: statistics that spend a privacy budget."""
