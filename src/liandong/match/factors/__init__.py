"""Factors between regions: quota of energy and land, hours of computing, traded at a call."""
