"""Scorecards in the languages of other systems: SQL, JSON, PMML; equal to Python in every row."""
