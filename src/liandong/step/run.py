"""The record of one execution of a step or a load."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from liandong.step.rule import Rule


@dataclass(frozen=True)
class Run:
    """What was done, from what, by whom.

    Attributes
    ----------
    run_id
        Hash of step, part, inputs, rule, code version and seed: the same work has the same id.
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
        died, nothing written), or ``dry`` (only tried, not recorded).
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

    @classmethod
    def start(
        cls,
        step: str,
        part: str,
        actor: str,
        version: str,
        inputs: dict[str, list[str]],
        *,
        rule: Rule | None = None,
        salt: str = "",
    ) -> Self:
        """Return a run that begins now.

        Parameters
        ----------
        version
            Of the code that runs.
        salt
            What else the outcome depends on, such as the options of a load.
        """
        rule_id, seed = (rule.id if rule else None), int(getattr(rule, "seed", 0))
        body = json.dumps([step, part, rule_id, inputs, version, seed, salt], sort_keys=True)
        return cls(
            run_id=hashlib.sha256(body.encode()).hexdigest()[:16],
            step=step,
            part=part,
            rule_id=rule_id,
            status="running",
            actor=actor,
            version=version,
            seed=seed,
            inputs=inputs,
            outputs=None,
            counts=None,
            error=None,
            started_at=datetime.now(UTC),
            ended_at=None,
        )

    @property
    def seconds(self) -> float | None:
        """Duration in seconds, None while running."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None
