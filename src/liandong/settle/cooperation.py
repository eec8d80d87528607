"""Shares to propose by cooperative game theory: the way to say it where agreements are settled."""

from liandong.step.games import nucleolus, shapley

__all__ = ["nucleolus", "shapley"]
