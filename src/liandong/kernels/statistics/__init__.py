"""Distributions and indices."""
