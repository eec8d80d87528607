"""Scorecards: outcomes to learn from, how they are learnt, and scores by them."""
