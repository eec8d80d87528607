"""Amounts that agreements share out, worked out from what is on the board."""
