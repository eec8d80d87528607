"""The log of acts: what it hashes, the tree over it, and proofs that outsiders can verify."""

from liandong.govern.log.bodies import act_body, canonical, commitment, entry

__all__ = ["act_body", "canonical", "commitment", "entry"]
