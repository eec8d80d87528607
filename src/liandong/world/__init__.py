"""A seeded synthetic regional economy with planted truth: demonstration, sandbox, test oracle."""

from liandong.world.making import make
from liandong.world.rule import WorldRule

__all__ = ["WorldRule", "make"]
