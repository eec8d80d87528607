"""The record of one execution of a step or a load."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Run:
    """What was done, from what, by whom.

    Attributes
    ----------
    run_id
        Hash of step, inputs, rule, code version and seed: the same work has the same id.
    step, part
        Name of the step or ``load.NAME``, and the part of the tables it replaced.
    inputs
        Snapshot ids (lake) or content hashes (books) by table; file hashes for a load.
    outputs
        Snapshot ids by table, None until done.
    counts
        Rows written by table; a load also counts ``refused``.
    status
        ``running``, ``done``, ``failed`` (an error, nothing written) or ``broken`` (the process
        died, nothing written).
    again
        True if the same work had been done before and nothing was run.
    """

    run_id: str
    step: str
    part: str
    rule_id: str | None
    status: str
    actor: str
    version: str
    seed: int
    inputs: dict[str, list[str]]
    outputs: dict[str, str] | None
    counts: dict[str, int] | None
    error: str | None
    started_at: datetime
    ended_at: datetime | None
    again: bool = False

    @property
    def seconds(self) -> float | None:
        """Duration in seconds, None while running."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None
