"""Pairing lines of two lists that tell of the same payments."""
