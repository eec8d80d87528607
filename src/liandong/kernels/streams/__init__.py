"""Rows as they come: rules judged over many of them."""
