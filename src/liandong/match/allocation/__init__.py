"""Giving out budgets: limits as data, offers, explanations, certificates, scenarios."""
