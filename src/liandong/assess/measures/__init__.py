"""Measures of a firm on a day, from everything that was known of it by then."""
