"""Stable mode: both sides hold preferences, and no pair would rather have each other."""
