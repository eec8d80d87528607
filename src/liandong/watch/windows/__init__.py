"""Sliding windows, declared in rules, over events as they come."""
