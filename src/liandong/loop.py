"""The whole loop on one board: assess → match → settle → watch → trace → survey, approved by two.

What a first user runs, and what the demo and the benchmark measure. It only calls the steps that
anybody can call one by one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec

from liandong.board import Board
from liandong.errors import DataError
from liandong.step import Run
from liandong.texts import both
from liandong.types import Money

MAKER, CHECKER = "maker@demo", "checker@demo"
"""Who proposes and who approves in the demonstration; nobody approves what he made."""


STAGES = 16
"""How many stages :func:`loop` has at most."""


@dataclass(frozen=True)
class Dates:
    """When the loop looks.

    Attributes
    ----------
    learn
        The scorecard learns from what was known on this day and what happened afterwards.
    as_of
        Firms are scored, matched and watched on this day.
    """

    learn: date
    as_of: date


CUMCM = Dates(date(2019, 12, 31), date(2019, 12, 31))
"""The contest data give outcomes without dates, and end in the weeks of Spring Festival 2020."""


def world_dates(board: Board) -> Dates:
    """Return the last day of the world on the board, and the same day a year before.

    Raises
    ------
    DataError
        If the board holds no projects.
    """
    day = board.sql("SELECT max(asked_on) AS day FROM project")["day"][0].as_py()
    if day is None:
        raise DataError(
            file="project",
            what=both("fault.no_projects"),
            remedy=both("advice.load_projects"),
        )
    return Dates(day.replace(year=day.year - 1, day=min(day.day, 28)), day)


def loop(board: Board, dates: Dates, budget: Money) -> Iterator[tuple[str, Callable[[], Run]]]:
    """Yield the stages as (name, work) in order; each must run before the next is drawn.

    Parameters
    ----------
    board
        With parties, invoices and projects loaded.
    dates
        When to learn and when to look.
    budget
        What all lenders together may lend.
    """
    from liandong import assess, match, settle, survey, trace, watch

    maker, checker = board.acting(MAKER), board.acting(CHECKER)
    day = dates.as_of
    if dates.learn != day:
        yield "assess.features", lambda: maker.run(assess.features, as_of=dates.learn)
    yield "assess.features", lambda: maker.run(assess.features, as_of=day)
    yield "assess.fit", lambda: maker.run(assess.fit, as_of=dates.learn)
    yield "assess.score", lambda: maker.run(assess.score, as_of=day)
    if dates.learn != day:
        yield "assess.score", lambda: maker.run(assess.score, as_of=dates.learn)
    yield "assess.validate", lambda: maker.run(assess.validate, as_of=dates.learn)
    yield "assess.scale", lambda: maker.run(assess.scale, as_of=dates.learn)
    if find_spec("lightgbm"):
        yield "assess.challenge", lambda: maker.run(assess.challenge, as_of=dates.learn)
    yield "match.quote", lambda: maker.run(match.quote, as_of=day)
    yield "match.allocate", lambda: maker.run(match.allocate, as_of=day, budget=budget)
    if not maker.approved(settle.disburse):
        checker.approve(maker.propose(settle.disburse))
    yield "settle.disburse", lambda: maker.run(settle.disburse, as_of=day)
    yield "watch.invoice_drop", lambda: maker.run(watch.invoice_drop, as_of=day)
    yield "trace.fifo", lambda: maker.run(trace.fifo)
    yield "trace.groups", lambda: maker.run(trace.groups)
    yield "survey.gap", lambda: maker.run(survey.gap)


def run_loop(board: Board, dates: Dates, budget: Money) -> list[Run]:
    """Run all stages of :func:`loop` and return their runs."""
    return [work() for _, work in loop(board, dates, budget)]
