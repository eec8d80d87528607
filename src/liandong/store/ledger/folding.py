"""Counters of accounts as a fold over entries, by the database."""

from liandong.schema.tables.ledger import COUNTERS

_ENDED = "EXISTS (SELECT 1 FROM told e WHERE e.ref = t.entry_id AND e.phase IN ('post', 'void'))"


WAITS = f"t.phase = 'pending' AND NOT {_ENDED}"
"""Condition of a reservation ``t`` among the entries ``told`` that nothing has ended."""


def folded(which: str) -> str:
    """Return SQL for the counters of all accounts that some entries touch.

    Parameters
    ----------
    which
        Condition over columns of ``entry``; what ends a reservation counts only if it is met, too.
    """
    sums = ", ".join(f"CAST(SUM({n}) AS BIGINT) AS {n}" for n in COUNTERS)
    moved = "phase IN ('posted', 'post')"
    legs = " UNION ALL ".join(
        _leg(side, at, of) for at, (side, of) in enumerate(
            [("debit", moved), ("credit", moved), ("debit", WAITS), ("credit", WAITS)]
        )
    )  # fmt: skip
    return (
        f"WITH told AS (SELECT * FROM entry WHERE {which}) "  # noqa: S608 - words are ours
        f"SELECT account_id, {sums} FROM ({legs}) legs GROUP BY account_id"
    )


def _leg(side: str, at: int, which: str) -> str:
    amounts = ", ".join(f"{'amount' if k == at else 0} AS {n}" for k, n in enumerate(COUNTERS))
    return f"SELECT t.{side} AS account_id, {amounts} FROM told t WHERE {which}"  # noqa: S608 - words are ours
