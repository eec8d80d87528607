"""Run the loop over a small world: every kernel it uses is then compiled and cached.

So are those that it does not use and that take long to compile.
"""

import tempfile

import numpy as np

import liandong as ld
from liandong.assess.card.bagged import Bagging, bagged
from liandong.loop import run_loop, world_dates
from liandong.types import Money


def main() -> None:
    """Make the world, run the loop, throw the board away."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ld.open(f"{folder}/warm.board", actor="setup") as board,
    ):
        board.load("world", firms=300, months=30, seed=11)
        run_loop(board, world_dates(board), Money.parse("20_000_000 CNY"))
    bagged(np.arange(40.0)[:, None], np.arange(40) % 3 == 0, [("ascending",)], Bagging(bags=1))


if __name__ == "__main__":
    main()
