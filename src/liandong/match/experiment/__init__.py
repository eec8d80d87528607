"""Experiments with policy over time: a sandbox in which policies run for years and are compared."""
