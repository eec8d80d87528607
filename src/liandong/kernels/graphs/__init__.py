"""Parties and transfers as graphs: circles, owners, flows."""
