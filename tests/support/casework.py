"""A board with alerts on two firms, and what tests of cases share."""

from datetime import UTC, datetime

from liandong.schema.arrow import build
from liandong.watch import triage

DAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
QUEUES = (
    {"name": "red", "level": "red", "days": 5, "people": ("li", "wang")},
    {"name": "usual", "days": 20, "people": ("li", "wang", "zhao")},
)


def alerts(*rows):
    """Return a table ``alert`` of (id, party, level) with an optional code and state."""
    full = [(*r, *("T1", "open")[len(r) - 3 :]) for r in rows]
    n = len(full)
    return build("alert", {
        "alert_id": [r[0] for r in full], "party_id": [r[1] for r in full],
        "level": [r[2] for r in full], "code": [r[3] for r in full],
        "state": [r[4] for r in full], "rule": [f"rule-{r[3]}" for r in full],
        "group_id": [f"G-{r[1]}" for r in full], "opened_at": [DAY] * n, "seen_at": [DAY] * n,
        "last_at": [DAY] * n, "warnings": [1] * n,
        "reasons": [[{"code": "x", "points": 1}]] * n,
    })  # fmt: skip


def firms():
    return {
        "party": build("party", {
            "party_id": ["F1", "F2", "F3"], "kind": ["firm"] * 3, "name": ["甲", "乙", "丙"],
            "region_id": ["310000", "330000", None],
        }),
    }  # fmt: skip


def judged(board, *rows, queues=QUEUES, **params):
    """Put alerts on the board, send them to queues, and open cases; return what that brought."""
    board.put("alerts", {"alert": alerts(*rows)})
    board.run(triage, as_of="2026-03-02", queues=queues, **params)
    return board.cases.open()


def case_of(board, party):
    """Return the newest case of a party."""
    return max(board.cases.rows(party_id=party), key=lambda r: r["opened_at"])
