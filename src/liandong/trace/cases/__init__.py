"""Tracing in parts: loans that can never touch the same account are traced apart."""
