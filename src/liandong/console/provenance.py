"""Who answers for a run: its rule, who approved that or what it read, and the act that tells it."""

from liandong.console.reading import Reading, Row
from liandong.step import Run

_VERSIONS = (
    "SELECT version_id FROM watch_version WHERE rule = ?"
    " UNION ALL SELECT version_id FROM agreement_version WHERE rule = ?"
)


def provenance(reading: Reading, run: Run) -> Row:
    """Return the rule of a run, the approvals it rests on, and its last act with its proof.

    What is approved may be a version of its rule, or what it read: offers before they are paid.
    """
    rule = reading.first("SELECT rule_id, kind FROM rule WHERE rule_id = ?", run.rule_id)
    versions = reading.rows(_VERSIONS, run.rule_id, run.rule_id)
    read = [i for ids in run.inputs.values() for i in ids]
    subjects = [run.run_id, run.rule_id, *read, *(v["version_id"] for v in versions)]
    act = reading.first('SELECT seq, "at" FROM act WHERE subject = ? ORDER BY seq DESC', run.run_id)
    return {
        "run_id": run.run_id,
        "step": run.step,
        "rule": rule,
        "approvals": reading.rows(
            "SELECT case_id, checker, closed_at FROM \"case\" WHERE state = 'approved'"
            " AND list_contains(?, subject) ORDER BY closed_at",
            [s for s in subjects if s],
        ),
        "act": act,
        "sealed": act is not None and act["seq"] <= reading.held.sealed["size"],
    }
