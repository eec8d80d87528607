"""What came of the alerts of rules once people had looked at them: beside what backtests say."""

from collections.abc import Iterable

from liandong.console.query import Where
from liandong.console.reading import Reading, Row


def precision(reading: Reading, codes: Iterable[str] | None = None) -> list[Row]:
    """Return rows of ``rule_precision``, those with most closed cases first; of all codes if None.

    Versions of a rule stand each for itself: what one of them found says little of another.
    """
    where = Where()
    if codes is not None:
        where.add("list_contains(?, code)", sorted(codes))
    return reading.rows(
        "SELECT * FROM rule_precision{where} ORDER BY confirmed + false_alarms DESC, code, rule",
        where,
    )
