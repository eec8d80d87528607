"""Whole amounts shared out exactly: nothing lost, nobody gives back, within a unit of the truth."""
