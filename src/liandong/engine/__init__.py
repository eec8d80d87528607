"""Engines run steps over parts; each knows one way to map."""
