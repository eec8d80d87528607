"""Bins, weights, points and rates, and how good they are."""
