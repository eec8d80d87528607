"""Regions together: coordination, carbon, what cooperation is worth to each."""
