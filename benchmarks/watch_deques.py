"""The eight windows by plain deques of Python, as whoever uses bytewax would write them."""

import time
from collections import Counter, deque
from collections.abc import Sequence
from math import sqrt

HOUR = 3_600_000
DAY, WEEK, MONTH = 24 * HOUR, 168 * HOUR, 720 * HOUR

Told = tuple[int, int, int, int, int, float, float | None, float]
"""``cnt_1h, cnt_24h, sum_24h, max_7d, distinct_30d, mean_30d, std_30d, velocity``."""


class Account:
    """Events of one account that are still in a window, oldest first, and whole sums of them."""

    __slots__ = ("day", "hour", "largest", "month", "others", "squares", "sum_day", "sum_month")

    def __init__(self) -> None:
        self.hour: deque[int] = deque()
        self.day: deque[tuple[int, int]] = deque()
        self.month: deque[tuple[int, int, int]] = deque()
        self.largest: deque[tuple[int, int]] = deque()  # amounts fall: the first is the maximum
        self.others: Counter[int] = Counter()
        self.sum_day = self.sum_month = self.squares = 0

    def see(self, at: int, amount: int, other: int) -> Told:
        """Take an event, and say what windows that end with it hold."""
        self._forget(at)
        self.hour.append(at)
        self.day.append((at, amount))
        self.month.append((at, amount, other))
        while self.largest and self.largest[-1][1] <= amount:
            self.largest.pop()
        self.largest.append((at, amount))
        self.others[other] += 1
        self.sum_day += amount
        self.sum_month += amount
        self.squares += amount * amount
        n, total = len(self.month), self.sum_month
        spread = sqrt((n * self.squares - total * total) / (n * (n - 1))) if n > 1 else None
        return (
            len(self.hour), len(self.day), self.sum_day, self.largest[0][1], len(self.others),
            total / n, spread, self.sum_day / (total / 30),
        )  # fmt: skip

    def _forget(self, at: int) -> None:
        hour, day, month, largest = self.hour, self.day, self.month, self.largest
        while hour and hour[0] <= at - HOUR:
            hour.popleft()
        while day and day[0][0] <= at - DAY:
            self.sum_day -= day.popleft()[1]
        while largest and largest[0][0] <= at - WEEK:
            largest.popleft()
        while month and month[0][0] <= at - MONTH:
            _, amount, other = month.popleft()
            self.sum_month -= amount
            self.squares -= amount * amount
            self.others[other] -= 1
            if not self.others[other]:
                del self.others[other]


def bytewax(*columns: Sequence[int]) -> tuple[float, list[Told]]:
    """Run the deques as a stateful map of bytewax, whose keys are texts.

    Parameters
    ----------
    columns
        Accounts, milliseconds, amounts and counterparties, in order of time.

    Returns
    -------
    CPU seconds, and what was said of each event, in order.
    """
    from bytewax import operators
    from bytewax.dataflow import Dataflow
    from bytewax.testing import TestingSink, TestingSource, run_main

    def step(account: Account | None, event: tuple[int, ...]) -> tuple[Account, tuple[int, Told]]:
        account = account or Account()
        return account, (event[0], account.see(*event[1:]))

    given = [(str(a), (i, *event)) for i, (a, *event) in enumerate(zip(*columns, strict=True))]
    said: list[tuple[str, tuple[int, Told]]] = []
    flow = Dataflow("windows")
    events = operators.input("in", flow, TestingSource(given, batch_size=1_000))
    operators.output("out", operators.stateful_map("windows", events, step), TestingSink(said))
    start = time.process_time()
    run_main(flow)
    seconds = time.process_time() - start
    return seconds, [told for _, (_, told) in sorted(said, key=lambda s: s[1][0])]
