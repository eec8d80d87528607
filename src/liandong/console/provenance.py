"""Who answers for a run: its rule, who approved that or what it read, and the act that tells it."""

from contextlib import suppress

from liandong.console.reading import Reading, Row
from liandong.errors import NotFoundError
from liandong.govern import approvals
from liandong.step import Run
from liandong.step.registry import step

_VERSIONS = (
    "SELECT version_id FROM watch_version WHERE rule = ?"
    " UNION ALL SELECT version_id FROM agreement_version WHERE rule = ?"
)


def provenance(reading: Reading, run: Run) -> Row:
    """Return the rule of a run, the approvals it rests on, and its last act with its proof.

    What is approved may be a version of its rule, or what it read: offers before they are paid.
    """
    return reading.once(("provenance", run.run_id), lambda: _found(reading, run))


def _found(reading: Reading, run: Run) -> Row:
    rule = reading.first("SELECT rule_id, kind FROM rule WHERE rule_id = ?", run.rule_id)
    versions = reading.rows(_VERSIONS, run.rule_id, run.rule_id)
    subjects = [v["version_id"] for v in versions]
    with suppress(NotFoundError):  # loads are no steps
        asked = step(run.step).approval
        subjects.append(approvals.seen(i for n in asked for i in run.inputs.get(n, ())))
    act = reading.first('SELECT seq, "at" FROM act WHERE subject = ? ORDER BY seq DESC', run.run_id)
    return {
        "run_id": run.run_id,
        "step": run.step,
        "rule": rule,
        "approvals": reading.rows(
            "SELECT case_id, checker, closed_at FROM \"case\" WHERE state = 'approved'"
            " AND list_contains(?, subject) ORDER BY closed_at",
            subjects,
        ),
        "act": act,
        "sealed": act is not None and act["seq"] <= reading.held.sealed["size"],
    }
