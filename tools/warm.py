"""Run the loop over a small world: every kernel it uses is then compiled and cached.

So are those that it does not use and that take long to compile.
"""

import tempfile
from datetime import UTC, datetime

import numpy as np

import liandong as ld
from liandong.assess.card.bagged import Bagging, bagged
from liandong.loop import run_loop, world_dates
from liandong.types import Money
from liandong.watch import Event, Judgement, WindowStream
from liandong.watch.language import Column, RowJudge, program


def main() -> None:
    """Make the world, run the loop, throw the board away."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ld.open(f"{folder}/warm.board", actor="setup") as board,
    ):
        board.load("world", firms=300, months=30, seed=11)
        run_loop(board, world_dates(board), Money.parse("20_000_000 CNY"))
    _one_event()
    bagged(np.arange(40.0)[:, None], np.arange(40) % 3 == 0, [("ascending",)], Bagging(bags=1))


def _one_event() -> None:
    """See an event by itself, and judge it: the loop takes tables only."""
    event = Event("e1", "bank", 1, datetime.now(UTC), "payment_out", "A", "B", 100)
    WindowStream().see(event)
    rule = Judgement(code="warm", when="cnt_1h > 0", level="yellow")
    RowJudge(program([rule], {"cnt_1h": Column("int")}))({"cnt_1h": 1})


if __name__ == "__main__":
    main()
